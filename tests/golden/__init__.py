"""Numbers and printed forms made with real TensorFlow, and the scripts that made them."""
