"""What operators read: log lines as JSON, and traces."""
