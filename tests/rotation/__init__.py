"""`make rotation`: another master key over 100,000 keys of cases while the API serves, killed in the middle."""
