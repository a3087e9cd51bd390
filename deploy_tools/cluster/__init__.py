"""Devices that hang on several machines, through Dask distributed, which nothing else in here imports."""
