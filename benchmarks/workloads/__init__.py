"""Everyday Keras programs, each written once: wide_worker.py runs them on Tensorlet and on Keras.

A workload is a function of the library's Keras (and, where it needs more, of its ``tf``) that returns a function
which does the work once. The data are drawn: times do not depend on what is learned.
"""
