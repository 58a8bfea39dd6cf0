"""The routes of the voting room."""
