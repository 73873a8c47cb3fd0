"""Keeping and forgetting: how long cases are kept, what stops that they are erased, and erasing them for good.

Rules are data (`data/retention.yaml`, read by `rules`), counted from what a case's timeline says (`facts`, `counting`).
A warning goes out before (`warning`), a hold wins over everything (`holds`), and an erasure (`asking`, `erasing`) takes
every row (`survey` says table by table what becomes of it), then the key, then the files. `forgetting` is the list of
rooms that keep something of a case outside their rows.
"""
