"""Makes ``printed_forms.json``: what real TensorFlow prints for a list of expressions.

Run it with a Python that has TensorFlow 2 (the project itself does not need it)::

    python tests/golden/make_printed_forms.py

Each expression is evaluated with ``tf`` and ``np`` and gives the text to compare:
most call ``str`` or ``repr``.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import tensorflow as tf

EXPRESSIONS = """
str(tf.constant([1.0, 2.0]))
repr(tf.constant([1.0, 2.0]))
str(tf.constant(3.5))
repr(tf.constant(3.5))
str(tf.constant(0.1))
repr(tf.constant(1e-7))
repr(tf.constant(1e20))
str(tf.constant(7))
repr(tf.constant(7))
str(tf.constant(-3, dtype=tf.int64))
repr(tf.constant(-3, dtype=tf.int64))
str(tf.constant(True))
repr(tf.constant(True))
repr(tf.constant([True, False]))
repr(tf.constant([]))
str(tf.constant([]))
repr(tf.zeros([0, 3]))
repr(tf.zeros([2, 0]))
repr(tf.constant([1.0, 2.5], dtype=tf.float64))
str(tf.constant(2.0, dtype=tf.float64))
repr(tf.constant(1.0 / 3.0, dtype=tf.float64))
repr(tf.constant(1.0 / 3.0))
repr(tf.constant([1, 2, 3], dtype=tf.int64))
repr(tf.constant([1, 2, 3], dtype=tf.uint8))
repr(tf.constant([1, 2, 3], dtype=tf.int8))
repr(tf.constant([1.0, 0.5], dtype=tf.float16))
str(tf.constant([[1, 2], [3, 4]]))
repr(tf.constant([[1, 2], [3, 4]]))
repr(tf.constant([[1.5, 2.25], [3.0, 4.125]]))
repr(tf.constant([[[1], [2]], [[3], [4]]]))
str(tf.constant([float("nan"), float("inf"), -float("inf")]))
repr(tf.constant(float("nan")))
repr(tf.constant([1e-10, 1.0, 1e10]))
repr(tf.constant([0.1, 0.2, 0.3]))
str(tf.constant(np.arange(2000, dtype=np.float32)))
repr(tf.constant(np.arange(2000, dtype=np.float32)))
repr(tf.constant(np.arange(10000, dtype=np.int32).reshape(100, 100)))
str(tf.zeros([2, 3]))
repr(tf.ones([2, 3], dtype=tf.int32))
repr(tf.eye(2))
repr(tf.range(5))
repr(tf.range(0.0, 1.0, 0.25))
repr(tf.linspace(0.0, 1.0, 5))
repr(tf.one_hot([0, 2], 3))
repr(tf.reduce_sum(tf.constant([1.0, 2.0])))
repr(tf.argmax(tf.constant([1.0, 5.0, 2.0])))
str(tf.argmax(tf.constant([[1.0, 5.0, 2.0]]), 1))
repr(tf.equal(tf.constant([1, 2]), tf.constant([1, 3])))
repr(tf.constant([1.0, 2.0]) + 1)
repr(tf.constant([1.0, 2.0])[0])
repr(tf.constant([[1.0, 2.0], [3.0, 4.0]])[:, 1])
repr(tf.cast(tf.constant([1.7, -1.7]), tf.int32))
str([tf.constant(1.0), tf.constant([2, 3])])
str((tf.constant(1),))
str({"loss": tf.constant(0.25)})
str(tf.Variable(3.0))
repr(tf.Variable(3.0))
repr(tf.Variable(3.0, name="weight"))
repr(tf.Variable([1.0, 2.0], name="bias"))
str(tf.Variable([1.0, 2.0], name="bias"))
repr(tf.Variable([[1, 2], [3, 4]]))
repr(tf.Variable(5, name="step", trainable=False, dtype=tf.int64))
repr(tf.Variable(tf.zeros([2, 2]), name="W"))
str(tf.Variable(True))
tf.Variable(1.0, name="weight").name
tf.Variable(1.0).name
str(tf.constant([[1.0]]).shape)
repr(tf.constant([[1.0]]).shape)
str(tf.constant(1.0).shape)
repr(tf.constant(1.0).shape)
str(tf.constant([1.0]).shape)
repr(tf.constant([1.0]).shape)
repr(tf.Variable([1.0, 2.0]).shape)
str(tf.TensorShape([2, 3]))
repr(tf.TensorShape([2, 3]))
str(tf.TensorShape([None, 3]))
repr(tf.TensorShape([None, 3]))
repr(tf.TensorShape([]))
str(tf.TensorShape([2, 3]).as_list())
repr(tf.TensorShape([2, 3])[0])
repr(tf.TensorShape([2, 3])[:1])
str(list(tf.TensorShape([2, 3])))
str(tf.TensorShape([2, 3]) == [2, 3])
str(tf.TensorShape([2, 3]).rank)
str(tf.TensorShape([2, 3]).num_elements())
str(tuple(tf.constant([[1.0]]).shape))
f"{tf.constant([[1.0]]).shape}"
repr(tf.float32)
str(tf.float32)
repr(tf.int64)
str(tf.bool)
repr(tf.bool)
tf.float32.name
str(tf.constant(1).dtype)
repr(tf.constant(1.0).dtype)
repr(tf.Variable(1.0).dtype)
str(tf.float32.as_numpy_dtype)
str(tf.float32 == "float32")
str(tf.float32 == np.float32)
str(tf.as_dtype("float64"))
str(tf.float32.is_floating)
str(tf.float32.max)
str(tf.int32.max)
str(tf.float32.size)
f"{tf.constant(3.14159):.3f}"
f"{tf.constant(3.14159)}"
f"{tf.constant(2)}"
f"{tf.constant(2):5d}"
f"{tf.constant([1.0, 2.0])}"
"{:.4f}".format(tf.constant(0.5))
"{}".format(tf.constant([1, 2]))
"%.2f" % tf.constant(0.125)
"%d" % tf.constant(4)
"{:2d} {}".format(1, tf.constant(0.25))
f"{tf.Variable(2.5).numpy():.1f}"
str(tf.constant(2.5).numpy())
str(tf.constant([1, 2]).numpy())
repr(tf.constant([1, 2]).numpy())
str(float(tf.constant(2.5)))
str(int(tf.constant(3)))
str(bool(tf.constant(0.0)))
str(len(tf.constant([1, 2, 3])))
str([int(x) for x in tf.constant([1, 2, 3])])
str(list(tf.constant([1.0, 2.0])))
str(tf.constant([1.0, 2.0]).ndim)
str([10, 20, 30][tf.constant(1)])
str(list(range(tf.constant(3))))
repr(tf.convert_to_tensor(np.array([1.0, 2.0])))
repr(tf.convert_to_tensor([1, 2.5]))
repr(tf.convert_to_tensor(np.array([1, 2])))
repr(tf.constant(np.float32(1.5)))
repr(tf.constant(5.0, shape=[2, 2]))
repr(tf.constant([1, 2, 3, 4], shape=[2, 2]))
repr(tf.constant(1, dtype=tf.float32))
repr(tf.random.uniform([2, 2]).shape)
repr(tf.Variable(2.0) * 3.0)
repr(tf.Variable([1.0, 2.0])[0])
repr(tf.shape(tf.constant([[1.0, 2.0]])))
repr(tf.rank(tf.constant([[1.0, 2.0]])))
repr(tf.size(tf.constant([[1.0, 2.0]])))
repr(tf.TensorSpec([None, 3], tf.float32))
repr(tf.TensorSpec([2], tf.int32, name="x"))
str(tf.split(tf.constant([1, 2, 3, 4]), 2))
str(tf.unstack(tf.constant([[1, 2], [3, 4]])))
repr(tf.nn.softmax(tf.constant([[1.0, 1.0]])))
repr(tf.nn.top_k(tf.constant([1.0, 3.0, 2.0]), 2).indices)
str(tf.newaxis)
str(tf.executing_eagerly())
""".strip().splitlines()


def main() -> None:
    folder = Path(__file__).resolve().parent
    forms = []
    for expression in EXPRESSIONS:
        printed = eval(expression, {"tf": tf, "np": np})
        if not isinstance(printed, str):
            raise TypeError(f"{expression} gives {type(printed).__name__}, not text")
        forms.append([expression, printed])
    golden = {"made_with": f"TensorFlow {tf.__version__}, NumPy {np.__version__}", "forms": forms}
    text = json.dumps(golden, indent=0, ensure_ascii=False)
    (folder / "printed_forms.json").write_text(text + "\n", encoding="utf-8")
    print(f"wrote {len(forms)} printed forms")


if __name__ == "__main__":
    main()
