"""What changes the clocks of one proceeding alone: time that stood still, and days set in place of computed ones."""
