"""The networks of the autoencoder plugin. They need torch; the tools do not."""
