"""Export of models to other formats: ONNX, and readable NumPy programs."""
