"""Start the editor: python app.py."""

from imgen.editor import launch

if __name__ == "__main__":
    launch()
