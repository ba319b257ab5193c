"""The loops over batches and epochs, as one call of the backend where possible."""
