"""What a plugin's author reads: hooks, tools, their parameters, what surrounds a run."""
