"""The chaos run: real processes are killed on a seeded timetable while due notices go out."""
