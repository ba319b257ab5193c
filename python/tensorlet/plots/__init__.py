"""Tools to inspect a trained model, each imported on first use."""
