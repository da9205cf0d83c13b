"""The plugin's networks, and what exported ones give and take."""
