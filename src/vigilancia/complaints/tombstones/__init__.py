"""What is left of an erased case: who kept it and since when it is gone, figures for statistics, and who had seen it.

A tombstone holds no word, no day and no person. Those who could see the case are told that it is gone (410), also in
lists with `tombstones=true`; for everybody else there never was one (404).
"""
