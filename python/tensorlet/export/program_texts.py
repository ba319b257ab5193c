"""The source code of functions that exported programs may use."""

from __future__ import annotations

#: Maps a name to the names of the functions that it calls, and its source code.
FUNCTIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "linear": ((), '''
def linear(x):
    """No activation."""
    return x
'''),
    "relu": ((), '''
def relu(x):
    """relu(x) = max(x, 0): negative values become 0."""
    return np.maximum(x, 0)
'''),
    "sigmoid": ((), '''
def sigmoid(x):
    """sigmoid(x) = 1 / (1 + exp(-x)): maps any number to one between 0 and 1.

    For negative x this is written as exp(x) / (1 + exp(x)), so that exp never overflows.
    """
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))
'''),
    "tanh": ((), '''
def tanh(x):
    """tanh(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x)): maps any number to one between -1 and 1."""
    return np.tanh(x)
'''),
    "softmax": ((), '''
def softmax(x):
    """softmax(x) = exp(x) / sum of exp(x), row by row: logits become probabilities with sum 1.

    Subtracting the largest logit first does not change the quotient, and avoids overflow of exp.
    """
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
'''),
    "log_softmax": ((), '''
def log_softmax(x):
    """The logarithm of softmax: x - log(sum of exp(x)), row by row."""
    x = x - x.max(axis=-1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))
'''),
    "softplus": ((), '''
def softplus(x):
    """softplus(x) = log(1 + exp(x)): a smooth version of ReLU, computed without overflow of exp."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
'''),
    "softsign": ((), '''
def softsign(x):
    """softsign(x) = x / (1 + |x|): maps any number to one between -1 and 1."""
    return x / (1 + np.abs(x))
'''),
    "elu": ((), '''
def elu(x, alpha=1.0):
    """elu(x) = x for positive x, alpha * (exp(x) - 1) otherwise."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
'''),
    "selu": ((), '''
def selu(x):
    """selu(x) = 1.0507 * (x for positive x, 1.6733 * (exp(x) - 1) otherwise).

    With these two constants, mean 0 and variance 1 are preserved from layer to layer.
    """
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return scale * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
'''),
    "relu6": ((), '''
def relu6(x):
    """relu6(x) = min(max(x, 0), 6)."""
    return np.minimum(np.maximum(x, 0), 6)
'''),
    "leaky_relu": ((), '''
def leaky_relu(x, slope=0.2):
    """leaky_relu(x) = x for positive x, slope * x otherwise."""
    return np.where(x > 0, x, slope * x)
'''),
    "exponential": ((), '''
def exponential(x):
    """exponential(x) = exp(x)."""
    return np.exp(x)
'''),
    "hard_sigmoid": ((), '''
def hard_sigmoid(x):
    """hard_sigmoid(x) = x / 6 + 1 / 2, clipped to the range from 0 to 1."""
    return np.minimum(np.maximum(x / 6 + 0.5, 0), 1)
'''),
    "silu": (("sigmoid",), '''
def silu(x):
    """silu(x) = x * sigmoid(x), also known as swish."""
    return x * sigmoid(x)
'''),
    "mish": (("softplus",), '''
def mish(x):
    """mish(x) = x * tanh(softplus(x))."""
    return x * np.tanh(softplus(x))
'''),
    "erf": ((), '''
def erf(x):
    """The error function. NumPy does not have it, so Python's is called for each number."""
    return np.vectorize(math.erf, otypes=[x.dtype])(x)
'''),
    "gelu": (("erf",), '''
def gelu(x):
    """gelu(x) = x times the probability that a standard normal variable is below x."""
    return 0.5 * x * (1 + erf(x / np.float32(math.sqrt(2))))
'''),
    "scatter_add": ((), '''
def scatter_add(indices, updates, shape):
    """An array of zeros, with each update added at its index."""
    total = np.zeros(shape, updates.dtype)
    np.add.at(total, indices, updates)
    return total
'''),
    "unpacked": ((), '''
def unpacked(shape, dtype, text):
    """Decodes an array from text: its little-endian bytes in base64."""
    return np.frombuffer(base64.b64decode(text), dtype).reshape(shape)
'''),
}  # fmt: skip

#: The modules that the functions import.
MODULES = {"erf": "math", "gelu": "math", "unpacked": "base64"}
