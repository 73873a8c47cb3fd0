"""Evidence: files of a case with custody, from the first byte received to the last bundle handed over.

A file is encrypted chunk by chunk under the key of its complaint while it comes in; it is never whole in memory and
never in the clear on a disk. Its SHA-256 is kept at receipt, and the whole file is held against it before any byte of
it leaves. Originals are never overwritten: a redacted copy is a file of its own, and all that anyone outside gets
unless they say why they need the original. Whoever handed in, took, read, exported, scanned or erased what, and for
what purpose, stands in the custody log, to which the application can only add.
"""
