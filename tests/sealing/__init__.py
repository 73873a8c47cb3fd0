"""Sealed words: through every exit, from every earlier form, across a rotation."""
