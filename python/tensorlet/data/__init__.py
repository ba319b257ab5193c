"""`tf.data.Dataset` and its parts.

`Dataset` (with its methods in `methods`) is what users see. It holds a `Pipeline`: a source (`sources`, `generator`)
with `transformations` on top. A pipeline that only reorders and batches the rows of arrays passes on row numbers
instead of rows; the rows are gathered once, a whole batch at a time, or by the engine itself during training.
"""
