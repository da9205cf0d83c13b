"""The server: who may ask, for what, and the page it gives."""
