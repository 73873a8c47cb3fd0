"""Calendar feeds: addresses that calendar programs read (iCalendar, RFC 5545 and 7986), and that can be revoked.

Holds: `service` (make, revoke, recognise), `scope` (which cases a feed is about), `sources` (what stands in it, one
function for each kind: `deadlines`, `tasks`), `entries` (what an entry is), `writing` (the file), `pages` (the
address), `routes`.
Promises: the secret in the address is shown once and kept as a digest; a revoked feed is 404 at its next reading; what
stands in it is read at each reading and access asked again then, so that what was lost leaves it without a trace; an
entry keeps its UID, and its SEQUENCE never goes down; it holds the case's number, the step or kind of task, the date,
and no word of the complaint.
"""
