"""Link care: the addresses of records, asked one by one whether they still answer, and replaced by rule."""
