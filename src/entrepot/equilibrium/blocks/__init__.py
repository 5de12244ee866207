"""The economics, one idea a file, forward and backward: the map and its gradients are composed from these."""
