"""Legacy HDF5 for Keras 2."""
