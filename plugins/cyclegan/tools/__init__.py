"""What the tools are, and what they need at run time."""
