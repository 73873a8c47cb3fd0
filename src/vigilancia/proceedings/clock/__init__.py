"""The clock of a complaint: its procedures side by side, in plain words, and the one that nobody opened."""
