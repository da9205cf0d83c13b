"""What each command of `imgen` does; imported when it runs."""
