"""The routes of the points room."""
