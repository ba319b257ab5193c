"""`tf.summary`: logs for TensorBoard."""
