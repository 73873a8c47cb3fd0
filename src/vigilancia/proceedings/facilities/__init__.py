"""What the law says of a facility: its history, whether a mechanism reaches it, which earlier findings count."""
