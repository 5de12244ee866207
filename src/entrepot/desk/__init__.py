"""The desk: the web page and its REST API.

Requests are JSON, worker processes answer them, and no client can name a file.
"""
