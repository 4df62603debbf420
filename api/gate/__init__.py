"""What a request passes before a view sees it: who asks, from where, how often, and whether there is room."""
