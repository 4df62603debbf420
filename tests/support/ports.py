"""Ports for servers that tests start."""

import socket


def free_port() -> int:
    """One that the system gives: two processes that look for the first free one of a range find the same."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
