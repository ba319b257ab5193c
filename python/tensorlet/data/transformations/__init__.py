"""The transformations behind the methods of `tf.data.Dataset`."""
