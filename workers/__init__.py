"""Processes, not rules: the Celery app with its beat table, one event loop a process, and tasks of a few lines each."""
