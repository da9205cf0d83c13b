import subprocess
import sys

TRAINING = ("torch", "torchvision", "kornia", "onnx", "cv2", "skimage")


def test_tools_need_nothing_of_training():
    code = f"import sys, imgen; imgen.tools(); print(*(name for name in {TRAINING} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
