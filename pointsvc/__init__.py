"""Floor 5: settings, routes, the admin, what the process needs. The only room that composes."""

import gc

# Loading makes a million objects that stay, and Python's own 700 would have the collector go
# through them over and over: a fifth of a start. Every process passes here before it loads more.
gc.set_threshold(20_000, 20, 50)
