"""Measures what the catalogue promises in numbers: `make bench` (see __main__ for its arguments)."""
