"""Ways out: a mail server, files where none is set, a contact's own web address, and services Apprise speaks to.

Holds: `channel` (what each of them promises), `smtp`, `file`, `webhook`, `target`, `calling` (threads with a deadline
and a guard for whatever blocks), `lanes` (which of them share a queue).
Promises: what leaves holds no more than a letter holds; an answer is a code, never the text of either side; no address
and no key is logged.
"""
