"""File formats for models and weights, one per module; see `tensorlet.keras.saving.file_format`."""
