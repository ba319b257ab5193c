"""`tf.summary`: what a program says about itself, in the files that TensorBoard shows."""
