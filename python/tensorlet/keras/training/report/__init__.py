"""Reporting during training: callbacks, the history, the progress bar, and the diagnosis of NaN losses."""
