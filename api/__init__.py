"""The HTTP side: Flask app, command line, Python client."""
