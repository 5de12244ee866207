"""Figures as objects: a title that says the finding, the picture, its numbers, its text and its source."""
