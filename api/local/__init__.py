"""The whole service on this machine: what `neurond up` and `neurond demo` start, watch over and stop."""
