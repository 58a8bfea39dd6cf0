"""Bringing a CSV file in: batch by batch, bad rows reported, gone on with after a break.

A command of a room derives from `ImportCommand` and says what a row is and where rows go.
"""

from kit.imports.command import ImportCommand, Sent

__all__ = ["ImportCommand", "Sent"]
