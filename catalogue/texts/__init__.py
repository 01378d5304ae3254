"""The texts of documents that are kept with records: read from their files page by page, and kept in tables."""
