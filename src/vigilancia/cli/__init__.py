"""The command line: an edge like the API. A command reads its words, calls one service, says what came of it.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage. With `--json`, standard output holds one JSON value and nothing
else; what is said on the way goes to standard error.
"""
