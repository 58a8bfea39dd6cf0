"""What the points room tells."""

from points.selectors.program import forget_program, program

__all__ = ["forget_program", "program"]
