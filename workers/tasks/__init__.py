"""Tasks by room: each opens a unit of work and calls one service."""
