"""Webhooks, as the Standard Webhooks specification says (standardwebhooks.com): who outside is told what happened.

The way through it: `service` and `routes` (endpoints and their secrets) → `events` (what the timeline's entries are
called outside) → `publishing` (the outbox becomes events, and deliveries to those who may see them) → `sending` and
`trying` (each delivery asked about once more, signed, called, the answer kept) → `body` and `secrets` (what is sent and
how it is signed) → `failing` and `letters` (a dying endpoint is disabled, its owner told) → `replaying`, `queries`,
`metrics`, `upkeep`.
Promises: an event exists once and is planned once for each endpoint, by unique keys; its id stays the same in every
try and replay; access is asked when it is planned and again at the moment of sending; a body holds ids, codes, dates
and names of fields, no word of a complaint, and is stored nowhere; nothing of an answer is kept but its status.
"""
