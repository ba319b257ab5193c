"""Where the golden numbers and files are."""

from pathlib import Path

#: The folder with the JSON files, and with ``files``, which real TensorFlow and Keras wrote.
GOLDEN_FOLDER = Path(__file__).parent
