"""Figures for librarians: what is counted in the catalogue, and how it is drawn. The desk shows them (admin/figures.py)."""
