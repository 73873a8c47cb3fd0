"""The registry: organisations, the contacts through which they are reached, facilities, and the numbers they go by.

What it promises:

* Every record has a keeper (`owner_id`) and a `visibility`; what a caller may not see answers like what does not exist,
  in reads, lists, searches, references and refusals alike (`access/policy.py` decides).
* A number under a scheme is unique for each keeper, stored in one spelling and checked where its scheme has a check.
* Staff may keep records of organisations that do not use the system; an organisation that does sees its own record.
* Nothing is deleted that anything else still refers to.

`organizations/`, `contacts/` and `facilities/` hold schemas, service, queries and routes of each; `identifiers.py`,
`checks.py`, `names.py` and `rows.py` are what they share; `bootstrap.py` makes the first parties of an installation.
"""
