"""Access: who may do and see what, and the tokens that say who is asking.

`policy.py` is the one place where reading and writing are decided; queries, exports, notices and feeds ask it.
"""
