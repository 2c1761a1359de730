"""Decides what the assistant does next, and owns the facts it says."""
