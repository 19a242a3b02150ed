"""The seeds that every stage takes."""

import click

#: What numpy.random.seed takes, which keras.utils.set_random_seed calls; it answers others with "Seed must be between 0
#: and 2**32 - 1" (NumPy 2.4.6, Keras 3.15.1).
SEED = click.IntRange(0, 2**32 - 1)
