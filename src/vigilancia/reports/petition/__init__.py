"""Petition readiness: what is recorded, held against what a petition must say, and a draft made of it.

It promises that nothing is guessed and nobody is named: what no field holds is a gap that says where to write it. The
narrative, the summary, the title, notes, contacts and persons never go in.
"""
