"""The public cases: real complaints under facility mechanisms, a data set of its own with schema, licence and version.

`dataset` reads it, `table` sets the computed days of one rule beside the days on which governments acted, `differences`
those of every rule; `summary` and `picture` show them. The cases enter an installation through the same services as
everyone's.
"""
