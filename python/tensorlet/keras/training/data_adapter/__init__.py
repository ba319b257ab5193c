"""Conversion of the arguments of `fit` to rows and batches of tensors."""
