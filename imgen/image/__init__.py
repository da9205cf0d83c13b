"""The photo, and arithmetic on pictures: colour, tiles, masks, small maps at full size."""
