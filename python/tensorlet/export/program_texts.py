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
    "windows": ((), '''
def windows(x, taps, size, strides, dilations, before, fill=0.0):
    """For each tap of a window, a view of the padded pictures [rows, height, width, channels] under it."""
    needed = [(size[k] - 1) * strides[k] + (taps[k] - 1) * dilations[k] + 1 for k in (0, 1)]
    pads = [(before[k], max(0, needed[k] - before[k] - x.shape[k + 1])) for k in (0, 1)]
    x = np.pad(x, [(0, 0), *pads, (0, 0)], constant_values=fill)
    for i in range(taps[0]):
        for j in range(taps[1]):
            seen = x[:, i * dilations[0] :, j * dilations[1] :, :]
            yield i, j, seen[:, :: strides[0], :: strides[1], :][:, : size[0], : size[1], :]
'''),
    "conv2d": (("windows",), '''
def conv2d(x, w, strides, dilations, before, size, groups):
    """Moves filters over pictures: each output is a filter times the window that it lies over, summed up."""
    out = np.zeros((len(x), *size, w.shape[3]), x.dtype)
    for i, j, seen in windows(x, w.shape[:2], size, strides, dilations, before):
        sums = [a @ b for a, b in zip(np.split(seen, groups, -1), np.split(w[i, j], groups, -1))]
        out += np.concatenate(sums, -1)
    return out
'''),
    "conv2d_input_gradient": ((), '''
def conv2d_input_gradient(x, w, strides, dilations, before, size, groups):
    """Spreads each number over the window that a convolution of the output would have taken it from."""
    height, width = (
        max(before[k] + size[k], (x.shape[k + 1] - 1) * strides[k] + (w.shape[k] - 1) * dilations[k] + 1)
        for k in (0, 1)
    )
    out = np.zeros((len(x), height, width, w.shape[2] * groups), x.dtype)
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            place = out[:, i * dilations[0] :: strides[0], j * dilations[1] :: strides[1], :]
            sums = [a @ b.T for a, b in zip(np.split(x, groups, -1), np.split(w[i, j], groups, -1))]
            place[:, : x.shape[1], : x.shape[2], :] += np.concatenate(sums, -1)
    return out[:, before[0] : before[0] + size[0], before[1] : before[1] + size[1]]
'''),
    "max_pool2d": (("windows",), '''
def max_pool2d(x, window, strides, before, size):
    """The maximum of each window, for each channel."""
    seen = [one for _, _, one in windows(x, window, size, strides, (1, 1), before, -np.inf)]
    return np.max(seen, axis=0)
'''),
    "avg_pool2d": (("windows",), '''
def avg_pool2d(x, window, strides, before, size):
    """The mean of each window, for each channel; padding does not count."""
    total = sum(one for _, _, one in windows(x, window, size, strides, (1, 1), before))
    ones = np.ones((1, *x.shape[1:3], 1), x.dtype)
    return total / sum(one for _, _, one in windows(ones, window, size, strides, (1, 1), before))
'''),
    "unpacked": ((), '''
def unpacked(shape, dtype, text):
    """Decodes an array from text: its little-endian bytes in base64."""
    return np.frombuffer(base64.b64decode(text), dtype).reshape(shape)
'''),
}  # fmt: skip

#: The modules that the functions import.
MODULES = {"erf": "math", "gelu": "math", "unpacked": "base64"}
