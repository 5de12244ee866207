"""Gravity estimated from data."""

from entrepot.estimation.gravity import GravityEstimate, gravity

__all__ = ["GravityEstimate", "gravity"]
