"""The routes of the rewards room."""
