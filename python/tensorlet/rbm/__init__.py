"""``tensorlet.rbm``: restricted Boltzmann machines and deep belief nets, trained in native code.

>>> import numpy as np
>>> from tensorlet.rbm import RBM
>>> rows = np.array([[1, 1, 0], [0, 0, 1]] * 20, "float32")
>>> machine = RBM(4)
>>> history = machine.fit(rows, epochs=5, batch_size=10, seed=1)
>>> machine.free_energy(rows).shape
(40,)
"""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names

_HERE = "tensorlet.rbm"
_PLACES = {
    f"{_HERE}.machine": "RBM",
    f"{_HERE}.belief_net": "DeepBeliefNet",
    f"{_HERE}.pretraining": "pretrain",
}

__getattr__, __dir__ = lazy_names(__name__, _PLACES)
