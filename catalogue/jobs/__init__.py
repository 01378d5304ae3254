"""Work that is done outside of web requests: imports now, and whatever runs on a schedule. `worker` does it."""
