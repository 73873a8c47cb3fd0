"""Escalation: the ladders, and the climb of each deadline's ladder.

Holds: `ladder` (the default one is data), `policies` (ladders of organisations), `plan` (what comes next), `climb`
(what is due speaks), `sweep` (both, each minute), `service` (acknowledging), `muting` (single rungs, with a reason),
`pages` (the page behind a notice's link).
Promises: a run freezes its ladder at its start; of rungs that passed only the newest speaks; what is met, void,
history or muted is silent, and the last day cannot be muted; a sweep reads only what is due, through a partial index,
and any number may run at once.
"""
