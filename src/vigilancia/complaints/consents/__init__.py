"""Consent: what the workers of a case agreed to, in which words, and what follows where they did not, or no more.

* An answer is about one purpose and, where something is given away, one receiver. Rows are added and never edited; the
  only change a row knows is that it was withdrawn, which nobody can undo: a new answer must be taken.
* A case works without a named person: an answer may be that of one person (`person_id`) or of the case's workers as a
  whole.
* `enforcement.require` is the one question that sharing, filing and publishing ask. An answer of no blocks, whatever
  anybody overrides; that nobody was asked can be overridden with a scope of its own and a reason, and the privacy lead
  is told.
* A withdrawal ends what rests on the consent in the same transaction (`stopping`), and says who already has what
  (`sharing`).
* Later rooms say in `asked.held_things` what of theirs makes a case one in which consent is asked.
"""
