"""Complaints: the case itself, the places and parties in it, the cases it has to do with, and all that happened to it.

What it promises:

* A title and the day of receipt are enough; no worker ever needs to be named, and numbers of workers are ranges.
* A case has one owner. What everybody else is shown follows from one table (`access.fields`), which the API, lists,
  filters and exports share: what a view hides is null, cannot be filtered by and does not sort.
* The narrative is sealed at rest, the summary too unless the case is public; the narrative is opened only where one
  complaint is read by those who work on it.
* Every write notes one typed entry on the timeline with who, when, before and after; read from the first to the last,
  the entries rebuild the case, but for the words of narrative and summary.
* Nothing is ever deleted: a case is closed, a link is ended, and the timeline keeps both.

`access.py` is the door for rooms that hang things on a case, `timeline.py` their pen; `links/` holds the parties,
`walls/` the people for whom a case does not exist, `approvals/` what wants a second person.
"""
