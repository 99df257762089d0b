"""One runnable file per experiment: `python -m training NAME`."""
