"""Many photos: which, where each result goes, one after the other."""
