"""More people: those of the complaints room."""

from tests.rooms.complaints.conftest import people

__all__ = ["people"]
