"""Links: who the parties of a case are, and what each of them may see of it.

* A link is a fact first; what it gives is said apart (`access`): `alerts` at once, `read` and `write` once the party
  accepts.
* Only the owner's staff record, change or end links; a party sees and accepts its own, even before it sees the case.
* An adverse party gets nothing unless a named person overrides that with a reason; the database holds to it too.
"""
