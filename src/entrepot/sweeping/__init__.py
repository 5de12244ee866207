"""How sure: draws of what is uncertain, grids over any number of a case, designs of experiments, and the run store.

The folder is not called `sweep` so that `entrepot.sweep` is the verb.
"""
