"""Mutation tests of the law: what no test would notice."""
