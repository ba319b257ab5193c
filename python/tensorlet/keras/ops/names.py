"""Which module has which function of `keras.ops`."""

from __future__ import annotations

_HERE = "tensorlet.keras.ops"

#: Module -> the names that are found in ``keras.ops.numpy`` too.
NUMPY: dict[str, str] = {
    f"{_HERE}.elementwise": (
        "abs absolute add angle arccos arccosh arcsin arcsinh arctan arctan2 arctanh cbrt ceil clip conj conjugate "
        "cos cosh deg2rad divide divide_no_nan equal exp exp2 expm1 fabs floor floor_divide fmax fmin fmod gcd greater "
        "greater_equal heaviside hypot i0 imag isclose allclose isfinite isinf isnan isneginf isposinf isreal lcm "
        "ldexp less less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or "
        "logical_xor maximum minimum mod multiply nan_to_num negative nextafter nonzero not_equal power rad2deg "
        "real reciprocal round sign signbit sin sinc sinh sqrt square subtract tan tanh true_divide trunc where"
    ),
    f"{_HERE}.reductions": (
        "all amax amin any argmax argmin average bincount corrcoef count_nonzero cumprod cumsum diff max "
        "mean min nanargmax nanargmin nancumprod nancumsum nanmax nanmean nanmin nanprod nanstd nansum nanvar prod ptp "
        "std sum trapezoid var"
    ),
    f"{_HERE}.histograms": "histogram",
    f"{_HERE}.quantiles": "median nanmedian nanpercentile nanquantile percentile quantile",
    f"{_HERE}.bits": (
        "bitwise_and bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor "
        "left_shift right_shift"
    ),
    f"{_HERE}.splits": "bartlett blackman dsplit hamming hanning hsplit kaiser view vsplit",
    f"{_HERE}.diagonals": "diag diagflat diagonal trace tril triu vander",
    f"{_HERE}.shapes": (
        "append arange array array_split broadcast_to concatenate copy dstack empty empty_like "
        "expand_dims eye flip fliplr flipud full full_like geomspace hstack identity linspace logspace "
        "meshgrid moveaxis ones ones_like pad ravel repeat reshape roll rot90 split squeeze stack "
        "swapaxes tile transpose tri unstack vstack zeros zeros_like"
    ),
    f"{_HERE}.indexing": (
        "argpartition argsort digitize get_item isin searchsorted select sort take take_along_axis unique "
        "unravel_index"
    ),
    f"{_HERE}.matrices": "correlate cross dot einsum inner kron matmul outer tensordot vdot",
    f"{_HERE}.core": "ndim size vectorize",
    f"{_HERE}.factorizations": "slogdet",
}
LINALG = {
    f"{_HERE}.factorizations": "cholesky_inverse eig jvp lu_factor matrix_rank slogdet",
    f"{_HERE}.matrices": "cholesky det eigh inv lstsq norm pinv qr solve solve_triangular svd",
}
NN = {
    f"{_HERE}.networks": (
        "batch_normalization binary_crossentropy categorical_crossentropy celu dot_product_attention elu gelu glu "
        "hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh layer_normalization leaky_relu log_sigmoid "
        "log_softmax moments normalize psnr relu relu6 rms_normalization selu sigmoid silu soft_shrink softmax "
        "softplus softsign sparse_categorical_crossentropy sparse_plus sparse_sigmoid sparsemax squareplus swish "
        "tanh_shrink threshold"
    ),
    f"{_HERE}.indexing": "multi_hot one_hot",
    f"{_HERE}.windows": (
        "adaptive_average_pool adaptive_max_pool average_pool conv conv_transpose depth_to_space depthwise_conv fold "
        "max_pool separable_conv space_to_depth unfold"
    ),
}
OTHERS = {
    f"{_HERE}.signals": "cdist extract_sequences fft fft2 ifft2 irfft istft rfft stft",
    f"{_HERE}.scans": "associative_scan scan",
    f"{_HERE}.elementwise": "cast erf erfc erfinv rsqrt saturate_cast",
    f"{_HERE}.reductions": "logsumexp",
    f"{_HERE}.indexing": (
        "in_top_k scatter scatter_update segment_max segment_min segment_prod segment_sum slice slice_update top_k"
    ),
    f"{_HERE}.matrices": "logdet",
    f"{_HERE}.core": (
        "cond convert_to_numpy convert_to_tensor custom_gradient dtype fori_loop is_tensor map shape stop_gradient "
        "switch vectorized_map while_loop"
    ),
}
IMAGE = {
    f"{_HERE}.pictures": (
        "crop_images extract_patches hsv_to_rgb pad_images resize rgb_to_grayscale rgb_to_hsv"
    ),
    f"{_HERE}.warping": (
        "affine_transform elastic_transform gaussian_blur map_coordinates perspective_transform scale_and_translate "
        "sobel_edges ssim"
    ),
}
IMAGE_MODULES = tuple(IMAGE)
#: Modules whose functions take the tensors of functional models.
ON_SYMBOLS = tuple(
    f"{_HERE}.{name}"
    for name in (
        "core",
        "diagonals",
        "elementwise",
        "histograms",
        "reductions",
        "shapes",
        "indexing",
        "matrices",
        "networks",
        "windows",
        "bits",
        "factorizations",
        "quantiles",
        "scans",
        "signals",
        "splits",
    )
)


def joined(*tables: dict[str, str]) -> dict[str, str]:
    """Several tables of names, merged."""
    found: dict[str, str] = {}
    for table in tables:
        for module, names in table.items():
            found[module] = f"{found.get(module, '')} {names}".strip()
    return found
