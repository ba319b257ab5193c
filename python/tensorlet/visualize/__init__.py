"""Pictures of what is computed: `tf.show`, and what ``tensorlet show`` draws."""
