"""The chaos run: real processes killed on a seeded timetable while due notices go out; nothing lost, nothing doubled."""
