"""Complaints from people who give no name: told without a token, answered by a receipt.

Off unless the installation names the organisations that take them. A receipt is 16 digits, shown once; only its
Argon2id hash is kept. No address and no user agent is kept anywhere, requests are not logged, and every instant that is
written is the midnight that began the day. What was told lies under the key of its complaint.
"""
