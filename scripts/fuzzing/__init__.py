"""Hostile inputs for the palimpsest program: see scripts/fuzz.py."""
