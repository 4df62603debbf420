"""Refusing predictions while the process is behind: the policy, and the early rejection before a request is read."""
