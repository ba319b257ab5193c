"""``tf.train`` and ``tf.Module``: objects with variables as a graph, saved under the path to each variable.

A checkpoint does not refer to classes: it states that the child ``net`` of the root has a child ``kernel``, which
is this array. Restoring walks through the objects and the graph in the file in parallel.
"""
