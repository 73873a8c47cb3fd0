"""Notices: the ledger of who was told about which rung of which deadline, and the delivery of each.

Holds: `service` (put once, rest), `facts` (what is read before sending), `content`, `render` and `mail` (what is said),
`transport` and `delivery` (how it leaves), `tokens` (the secret in a link), `queries` and `metrics` (what became of
it).
Promises: one row for each deadline, revision, rung, contact, channel and resend, by a unique key; nothing leaves before
its row is committed; access is asked again at the moment of sending; every attempt and answer is kept; a message holds
no personal data and no word of the complaint but its number.
"""
