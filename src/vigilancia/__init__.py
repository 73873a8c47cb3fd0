"""vigilancia: worker-rights complaints, their legal clocks, and the notices that keep people in time."""

__version__ = "0.1.0"
