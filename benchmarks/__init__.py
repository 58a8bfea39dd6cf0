"""How fast the service is, as ratios against plain SQL on the same server in the same run.

`python -m benchmarks --help` lists what can be measured; docs/benchmarks.md says how to read it.
"""
