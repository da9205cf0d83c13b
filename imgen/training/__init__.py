"""Training: data, the loop, losses, metrics and export. Needs `pip install 'imgen[train]'`."""

import os

# Threads that wait sleep and do not keep a core busy: on quiet cores a step takes some 5 % longer, beside others that
# want the cores, too, a third of the time that it takes with threads that spin. It is read when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
