"""Who the workers and witnesses of a complaint are, apart from the complaint, and hard to learn.

A case is worked by pseudonyms ("Persona K7"). A name, ways to reach somebody, when that is safe, and remarks are sealed
under the case's own key, and stand nowhere else: no timeline, webhook, letter, feed, log, export or report has them.
The room is there only for those who may record in the case; for everybody else it does not exist. Who somebody is, is
told to the owner's staff, and to an accepted writer where the owner said so for that person: each time with a reason
that the audit keeps, and, where the owner wants it so, after another person's yes.

People stay with the case they were recorded in, also when it is merged into another: their words are sealed under its
key, and undoing the merge would have to know whose they were. A complaint needs none of them.
"""
