"""Figures for librarians: what is counted in the catalogue, and how it is drawn (see admin/figures.py)."""
