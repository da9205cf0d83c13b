"""The trained models that imgen ships: PLUGIN/MODEL.onnx, each with its card (.json) and golden values (.npz)."""
