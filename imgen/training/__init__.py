"""Training: data, the loop, losses, metrics and export. Needs `pip install 'imgen[train]'`."""
