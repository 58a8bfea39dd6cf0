"""Plain arithmetic on what members do."""
