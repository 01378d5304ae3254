"""Batch edits: the same steps done to many records at once, shown first, in one change set that can be undone."""
