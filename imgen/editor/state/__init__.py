"""What the editor remembers of each page, and its work on photos."""
