"""A second person's yes: somebody asks with a reason, somebody else of the same organisation decides.

Two tokens of one holder are one person; a token without a holder is a person of its own. A yes serves whoever asked,
for one thing, once, and not for long. That nobody decides on what he asked himself is a constraint of the table.
"""
