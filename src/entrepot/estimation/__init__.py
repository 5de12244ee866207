"""Gravity estimated from data."""
