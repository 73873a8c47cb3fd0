"""Saved searches that alert: a contact is told which cases newly fit a filter, each case once.

Holds: `service` (keep, change, remove), `matching` (what a filter finds for an organisation), `changed` (the step of
the sweep that looks at what changed), `untold` (what is still to be told, asked again), `telling` (the step that
plans it), `letters` (what a letter says), `queries` and `routes`.
Promises: a filter means what it means in the list of complaints, with the access the search's organisation has at the
moment of looking, and again at the moment of telling; a case is told once for a search, by the primary key of the
matches; what fitted already when a search was made, changed or woken is not told; looking costs what changed, not what
exists; a letter holds how many and their numbers, never a word of a case, of the filter or of the search's name.
"""
