"""Proceedings: procedures opened for a complaint, what happened in them, and the deadlines that follow.

Holds proceedings, their events with every correction, and the deadlines as the law's engine computed them; publishes
the mechanisms and calendars, keeps the closures an installation adds to them, and answers what-if questions; puts
together the history of a facility, its coverage and its earlier findings, and the clock of a complaint: its procedures
side by side, with the one that nobody opened and whose time runs out. The only room that calls the engine.
Folders: `changes` (suspensions, days set by authority), `calendars` (published, with closures), `proposals` (what newer
rules would change), `clock` (a complaint's procedures side by side), `facilities` (history, coverage, findings).
Promises: an event is never refused for its place in the order; a deadline keeps its id for as long as its proceeding,
rule and trigger are the same; a date that changes keeps the one before; what no longer follows is void, never deleted;
whether a deadline is met, missed or void has one definition (`law.status`, repeated in SQL by `status`); new rules or
closures move nothing in an open proceeding until a person accepts what they propose.
"""
