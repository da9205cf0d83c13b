"""What the C library keeps and gives back."""

from __future__ import annotations

import subprocess
import sys

import pytest

from imgen.editor.state.heap import library

COUNT = """
import resource, threading
import numpy as np
from imgen.editor.state.heap import keep_small, trim

keep_small()

def work():
    for _ in range(10):
        first, second = np.ones(2**18), np.ones(2**18)  # 2 MiB each, as what lies between two steps of a tool
    began = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(200):
        first, second = np.ones(2**18), np.ones(2**18)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - began)
    del first, second
    with open("/proc/self/statm") as file:
        before = int(file.read().split()[1])
    trim()
    with open("/proc/self/statm") as file:
        print(before - int(file.read().split()[1]))

one = threading.Thread(target=work)
one.start()
one.join()
"""


@pytest.mark.skipif(library() is None, reason="glibc's")
def test_memory_is_kept_between_steps_and_given_back_after_large_work():
    done = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, check=True)
    faults, given = map(int, done.stdout.split())
    assert faults < 2000  # pages that were got anew; all of them would be 200,000
    assert given > 800  # pages: 4 MiB are 1024
