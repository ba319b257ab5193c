"""Models as files for other programs: ONNX, and a NumPy program that can be read from top to bottom."""
