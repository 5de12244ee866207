"""Sweeps: a case solved for draws of its uncertain numbers, over grids, and for designs of experiments.

The folder is not called `sweep` because `entrepot.sweep` is the function.
"""
