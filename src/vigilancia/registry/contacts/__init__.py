"""Contacts: persons and desks of organisations that can be reached."""
