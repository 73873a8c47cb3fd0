"""The embedded parts of `vigilancia up`: a PostgreSQL from a wheel and children that never outlive their parent.

Holds no rule and no query of ours. Promises: one owner a folder, nothing half made after a crash, nothing left running,
no permission of an existing folder widened, nothing of the rows' contents in a log.
"""
