"""Objects that hold variables, as a graph: saved to checkpoints by the names on the way to each variable.

Names of ``tf.train`` and ``tf.Module``. A checkpoint knows nothing of classes: it says that the root's child
``net`` has a child ``kernel``, which is this array. Restoring walks the objects and the file side by side.
"""
