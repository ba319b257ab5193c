"""Pipelines of data: `tf.data.Dataset` and what belongs to it.

A dataset that only says in which order the rows of some arrays come (slices, shuffle, repeat, take, skip,
cache, batch) keeps saying just that: row numbers go through the pipeline, and rows are gathered once, a whole
batch at a time, or not at all where the engine gathers them itself.
"""
