"""Every operation, under the name that the rest of the package uses.

Each family of operations has its own file; `registry` defines what an operation is. Rooms above call operations
through this module (``ops.reduce_sum``). Families never import it: where two of them need each other, they call
through `registry.functions`, which this module fills.
"""

# ruff: noqa: F401 - this file only gathers names

from tensorlet.ops import (
    bitcast,
    bitwise,
    fourier,
    generator,
    lu,
    matrix_solvers,
    number_pairs,
    random,
    registry,
    stateless_random,
)
from tensorlet.ops.activations import (
    celu,
    crelu,
    elu,
    gelu,
    leaky_relu,
    mish,
    relu,
    relu6,
    selu,
    silu,
    softsign,
)
from tensorlet.ops.argmax import argmax, argmin, in_top_k
from tensorlet.ops.arithmetic import (
    abs,
    add,
    divide,
    floordiv,
    floormod,
    multiply,
    negative,
    pow,
    sign,
    square,
    subtract,
    truediv,
)
from tensorlet.ops.arithmetic_functions import add_n, reciprocal, scalar_mul, squared_difference
from tensorlet.ops.comparison import (
    equal,
    greater,
    greater_equal,
    is_finite,
    is_inf,
    is_nan,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    not_equal,
)
from tensorlet.ops.convolution import conv2d, conv2d_filter_gradient, conv2d_input_gradient
from tensorlet.ops.creation import (
    eye,
    fill,
    linspace,
    meshgrid,
    one_hot,
    ones,
    ones_like,
    range,
    rank,
    sequence_mask,
    shape,
    size,
    zeros,
    zeros_like,
)
from tensorlet.ops.decompositions import cholesky, eigh, eigvalsh, qr, svd
from tensorlet.ops.diagonals import band_part, diag, diag_part, matrix_transpose, trace
from tensorlet.ops.einsum import einsum
from tensorlet.ops.elementwise import (
    ceil,
    cos,
    erf,
    exp,
    expm1,
    floor,
    log,
    log1p,
    log_sigmoid,
    round,
    rsqrt,
    sigmoid,
    sin,
    softplus,
    sqrt,
    tan,
    tanh,
)
from tensorlet.ops.extrema import (
    clip_by_global_norm,
    clip_by_norm,
    clip_by_value,
    global_norm,
    maximum,
    minimum,
)
from tensorlet.ops.gather_nd import (
    gather_nd,
    scatter_nd,
    tensor_scatter_nd_add,
    tensor_scatter_nd_sub,
    tensor_scatter_nd_update,
)
from tensorlet.ops.indexing import boolean_mask, gather, scatter_add, take
from tensorlet.ops.joining import concat, pad, split, stack, unstack
from tensorlet.ops.linalg import matmul, matvec, tensordot
from tensorlet.ops.losses import (
    l2_loss,
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits,
    sparse_softmax_cross_entropy_with_logits,
    weighted_cross_entropy_with_logits,
)
from tensorlet.ops.matrix_functions import det, expm, inv, lstsq, solve
from tensorlet.ops.movement import broadcast_to, expand_dims, repeat, reshape, squeeze, tile, transpose
from tensorlet.ops.normalization import batch_normalization, bias_add, dropout, l2_normalize, moments
from tensorlet.ops.pooling import (
    avg_pool2d,
    avg_pool2d_gradient,
    max_pool2d,
    max_pool2d_scatter,
    max_pool2d_select,
)
from tensorlet.ops.reduce import (
    reduce_all,
    reduce_any,
    reduce_max,
    reduce_mean,
    reduce_min,
    reduce_prod,
    reduce_sum,
)
from tensorlet.ops.scan import cumprod, cumsum
from tensorlet.ops.segments import (
    dynamic_partition,
    dynamic_stitch,
    segment_max,
    segment_mean,
    segment_min,
    segment_prod,
    segment_sum,
    unsorted_segment_max,
    unsorted_segment_mean,
    unsorted_segment_min,
    unsorted_segment_prod,
    unsorted_segment_sqrt_n,
    unsorted_segment_sum,
)
from tensorlet.ops.selection import cast, identity, stop_gradient, where, zero_fraction
from tensorlet.ops.slicing import getitem, newaxis, reverse, roll, slice, strided_slice
from tensorlet.ops.softmax import log_softmax, pick, softmax
from tensorlet.ops.sorting import (
    TopKV2,
    Unique,
    UniqueWithCounts,
    argsort,
    searchsorted,
    sort,
    top_k,
    unique,
    unique_with_counts,
)
from tensorlet.ops.special import (
    divide_no_nan,
    erfc,
    erfinv,
    multiply_no_nan,
    reciprocal_no_nan,
    xdivy,
    xlogy,
)
from tensorlet.ops.statistics import (
    bincount,
    confusion_matrix,
    count_nonzero,
    norm,
    normalize,
    reduce_euclidean_norm,
    reduce_logsumexp,
    reduce_std,
    reduce_variance,
)
from tensorlet.ops.trigonometry import acos, acosh, asin, asinh, atan, atan2, atanh, cosh, sinh

registry.publish_functions({name: value for name, value in globals().items() if not name.startswith("_")})
