"""Facilities: the places of work that complaints are about."""
