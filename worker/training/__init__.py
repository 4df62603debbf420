"""Training jobs: from a record and its data set to a stored model."""
