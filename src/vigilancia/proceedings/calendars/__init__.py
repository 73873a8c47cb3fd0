"""Calendars as published, and the closures an installation adds to them: withdrawn, never edited."""
