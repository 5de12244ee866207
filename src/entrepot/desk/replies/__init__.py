"""The models of what the API sends.

They describe the replies in the OpenAPI document and do no work when a request is answered. The tests compare what is
sent with these models, so a field that no model names fails a test.
"""
