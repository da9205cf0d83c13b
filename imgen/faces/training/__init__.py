"""Training and figures of the finder, and aligned faces for the trainers of plugins."""
