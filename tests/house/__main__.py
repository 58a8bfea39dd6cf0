"""Prints every breach of the house's own rules: `python -m tests.house`."""

import sys

from tests.house.rules import ROOT, RULES, breaches, files

tree = files(ROOT)
found = [breach for rule in RULES for breach in breaches(rule, tree)]
sys.exit("\n".join(found) or 0)
