"""What is reported while a model trains: callbacks, the history, the progress bar, and where a NaN came from."""
