"""Rounds: what is told by the clock and not by a rung. Digests, calm weeks, and addresses to be confirmed."""
