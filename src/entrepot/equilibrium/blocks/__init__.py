"""The equations, one economic idea a file: the map and its gradients are composed from these blocks."""
