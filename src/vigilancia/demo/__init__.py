"""The public cases: real complaints under facility mechanisms, a data set of its own with schema, licence and version.

`dataset` reads it, `table` sets the computed days beside the days on which governments acted. The cases enter an
installation through the same services as everyone's.
"""
