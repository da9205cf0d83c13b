"""The networks: generators, and the features that critics look through."""
