"""The desk: the REST API behind the web page. Questions come as JSON, are answered in worker processes, and no client
names a file.
"""
