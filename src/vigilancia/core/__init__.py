"""Shared furniture: settings, clock, ids, database, refusals, paging, idempotency, etags, words, keys, jobs.

Nothing here knows a complaint. A room imports from here; nothing here imports a room.
"""
