"""Escalation: the ladders, and the climb of each deadline's and each task's ladder.

Holds: `ladder` (the default ones are data, and which is chosen), `working_days` (of rungs), `policies` (ladders of
organisations), `moving` (open runs to a changed one), `subjects` (deadlines and tasks seen alike), `plan` (what comes
next), `climb` (what is due speaks), `recipients` (to whom, and who stands in), `sweep` (each minute), `plans` (what a
run will do), `service` (acknowledging), `muting` (single rungs, with a reason), `pages` (behind a notice's link).
Promises: a run freezes its ladder at its start; of rungs that passed only the newest speaks; what is met, void,
history or muted is silent, and the last day cannot be muted; a sweep reads only what is due, through a partial index,
and any number may run at once.
"""
