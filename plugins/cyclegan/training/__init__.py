"""Trainers, their data, and what they look at."""
