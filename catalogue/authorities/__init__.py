"""The authority files as librarians keep them: entries, merging, splitting, worklists, the tree, SKOS, and undo."""
