"""The file formats for models and weights, one in each module; see `tensorlet.keras.saving.file_format`."""
