"""From what a user gives to `fit` to rows and batches of tensors."""
