"""The plugins that come with imgen. They use nothing that is not open to any other plugin."""
