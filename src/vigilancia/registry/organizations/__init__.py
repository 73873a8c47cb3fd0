"""Organisations: the parties of cases, and those who use the system."""
