"""The page's markup, styles and scripts."""
