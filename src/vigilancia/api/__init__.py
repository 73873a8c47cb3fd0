"""The API: puts the rooms' controllers together. No rule and no query lives here."""
