"""Plain arithmetic of what members do."""
