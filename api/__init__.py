"""The HTTP side: Flask app and command line."""
