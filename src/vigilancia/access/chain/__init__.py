"""The audit's chain: every row sealed to the one before it, signed heads, and ways to tell whether anybody touched it.

`rows.py` says what of a row is sealed, `heads.py` what is signed; `sealing.py` chains behind the requests;
`walking.py` holds a chain against its rows, `verifying.py` the database's, `files.py` one that was taken out;
`unusual.py` looks at who read what.
"""
