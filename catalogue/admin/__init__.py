"""The cataloguing desk. `site` is loaded by the application's configuration and registers every page of it."""
