"""What newer rules or closures would change in an open proceeding: found, proposed, and decided by a person."""
