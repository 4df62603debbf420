"""Redis that may move to another server: its Sentinels, the connection that asks them, the errors that mean "away"."""
