"""Models: cards and look-up, and ONNX Runtime's sessions."""
