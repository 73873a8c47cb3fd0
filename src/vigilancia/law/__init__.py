"""The law: rules as dated, cited data, and the pure engine that reads them.

Holds the mechanisms' rule files (`data/`), the values they load into (`model`), the calendars, the arithmetic, and
`engine.run`: dated events in; stage, next events and deadlines out, each date with its computation.
Promises: no clock, no database, no network; the same events give the same outcome in whatever order they come;
an event is never refused for its place in the order; no number of days stands in Python.
"""
