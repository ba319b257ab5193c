"""Calls of functions of pictures, the same for TensorFlow and for Tensorlet."""

from __future__ import annotations

from typing import Any

import numpy as np


def _floats(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).uniform(0, 1, shape).astype("float32")


def _bytes(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).integers(0, 256, shape).astype("uint8")


_PICTURES = _floats(2, 5, 6, 3)
_BYTES = _bytes(4, 5, 3)
_STEPS = _floats(2, 9, 3)

#: Path without ``tf.``, positional and named arguments.
FUNCTIONS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("nn.conv2d", (_PICTURES, _floats(3, 2, 3, 4)), {"strides": [1, 2, 1, 1], "padding": "SAME"}),
    (
        "nn.conv2d", (_PICTURES, _floats(2, 2, 3, 4), 2),
        {"padding": [[0, 0], [2, 1], [0, 3], [0, 0]]},
    ),
    ("nn.conv2d", (_PICTURES, _floats(2, 2, 3, 4), 1, "VALID"), {"dilations": [1, 2, 3, 1]}),
    ("nn.conv1d", (_STEPS, _floats(4, 3, 2)), {"stride": 2, "padding": "SAME"}),
    ("nn.convolution", (_STEPS, _floats(4, 3, 2)), {"padding": "VALID", "dilations": 2}),
    ("nn.atrous_conv2d", (_PICTURES, _floats(2, 2, 3, 4)), {"rate": 2, "padding": "SAME"}),
    (
        "nn.depthwise_conv2d", (_PICTURES, _floats(3, 3, 3, 2)),
        {"strides": [1, 1, 1, 1], "padding": "SAME", "dilations": [2, 2]},
    ),
    (
        "nn.separable_conv2d", (_PICTURES, _floats(2, 2, 3, 2), _floats(1, 1, 6, 4)),
        {"strides": [1, 2, 2, 1], "padding": "VALID"},
    ),
    (
        "nn.conv2d_transpose", (_PICTURES, _floats(3, 3, 4, 3)),
        {"output_shape": [2, 9, 12, 4], "strides": 2, "padding": "SAME"},
    ),
    (
        "nn.conv1d_transpose", (_STEPS, _floats(3, 4, 3)),
        {"output_shape": [2, 19, 4], "strides": 2, "padding": "VALID"},
    ),
    ("nn.max_pool2d", (_PICTURES, [2, 3], [1, 2], "SAME"), {}),
    ("nn.max_pool", (_PICTURES, 3, 2, "VALID"), {}),
    ("nn.avg_pool2d", (_PICTURES, 3, 2, "SAME"), {}),
    ("nn.avg_pool1d", (_STEPS, 4, 3, "SAME"), {}),
    ("nn.max_pool1d", (_STEPS, 4, 3, "VALID"), {}),
    ("nn.bias_add", (_PICTURES, _floats(3)), {}),
    ("image.total_variation", (_PICTURES,), {}),
    ("image.total_variation", (_floats(4, 5, 3),), {}),
    ("image.sobel_edges", (_PICTURES,), {}),
    ("image.psnr", (_PICTURES, _PICTURES[::-1]), {"max_val": 1.0}),
    ("image.psnr", (_BYTES, _BYTES[::-1]), {"max_val": 255}),
    ("image.ssim", (_floats(2, 13, 14, 3), _floats(2, 13, 14, 3)[::-1]), {"max_val": 1.0}),
    ("image.ssim", (_BYTES, _BYTES[::-1]), {"max_val": 255, "filter_size": 4}),
    ("image.ssim", (_PICTURES, _PICTURES[::-1]), {"max_val": 2.0, "filter_size": 3, "return_index_map": True}),
    ("image.resize", (_PICTURES, [7, 4]), {}),
    ("image.resize", (_BYTES, [9, 11]), {}),
    ("image.resize", (_BYTES, [9, 3]), {"method": "nearest"}),
    ("image.resize", (_PICTURES, [3, 9]), {"preserve_aspect_ratio": True}),
    ("image.resize", (_PICTURES, [2, 4]), {"antialias": True}),
    ("image.resize", (_PICTURES, [8, 3]), {"method": "bicubic"}),
    ("image.resize", (_BYTES, [3, 8]), {"method": "area"}),
    ("image.resize", (_PICTURES, [3, 9]), {"method": "lanczos3", "antialias": True}),
    ("image.resize", (_PICTURES, [9, 4]), {"method": "lanczos5"}),
    ("image.resize", (_PICTURES, [5, 6]), {"method": "gaussian"}),
    ("image.resize", (_PICTURES, [2, 8]), {"method": "mitchellcubic", "antialias": True}),
    ("image.resize", (_PICTURES, [2, 3]), {"method": "bicubic", "antialias": True}),
    ("image.resize_with_pad", (_PICTURES, 4, 11), {}),
    ("image.resize_with_pad", (_BYTES, 9, 3), {"method": "bicubic"}),
    ("image.flip_left_right", (_PICTURES,), {}),
    ("image.flip_up_down", (_BYTES,), {}),
    ("image.transpose", (_BYTES,), {}),
    ("image.rot90", (_BYTES,), {"k": 3}),
    ("image.rot90", (_PICTURES,), {}),
    ("image.central_crop", (_BYTES, 0.5), {}),
    ("image.crop_to_bounding_box", (_PICTURES, 1, 2, 3, 2), {}),
    ("image.pad_to_bounding_box", (_BYTES, 1, 2, 7, 8), {}),
    ("image.resize_with_crop_or_pad", (_BYTES, 7, 2), {}),
    ("image.resize_with_crop_or_pad", (_PICTURES, 2, 9), {}),
    (
        "image.extract_patches", (_PICTURES,),
        {"sizes": [1, 2, 3, 1], "strides": [1, 2, 1, 1], "rates": [1, 1, 2, 1], "padding": "SAME"},
    ),
    ("image.adjust_brightness", (_BYTES, 0.2), {}),
    ("image.adjust_brightness", (_PICTURES, -0.1), {}),
    ("image.adjust_contrast", (_PICTURES, 1.5), {}),
    ("image.adjust_gamma", (_PICTURES, 2.0, 0.5), {}),
    ("image.adjust_saturation", (_PICTURES, 0.4), {}),
    ("image.adjust_saturation", (_PICTURES, 2.4), {}),
    ("image.adjust_hue", (_PICTURES, 0.3), {}),
    ("image.adjust_hue", (_PICTURES, -0.2), {}),
    ("image.rgb_to_hsv", (_PICTURES,), {}),
    ("image.hsv_to_rgb", (_PICTURES,), {}),
    ("image.rgb_to_grayscale", (_PICTURES,), {}),
    ("image.rgb_to_grayscale", (_BYTES,), {}),
    ("image.grayscale_to_rgb", (_BYTES[..., :1],), {}),
    ("image.per_image_standardization", (_PICTURES,), {}),
    ("image.convert_image_dtype", (_PICTURES, "uint8"), {}),
    ("image.convert_image_dtype", (_BYTES, "float32"), {}),
    ("image.psnr", (_PICTURES, _PICTURES[:, ::-1], 1.0), {}),
    ("image.psnr", (_BYTES, _BYTES[::-1].copy(), 255), {}),
    ("image.ssim", (_floats(2, 13, 12, 3), _floats(2, 13, 12, 3)[::-1].copy(), 1.0), {}),
    ("image.ssim", (_BYTES, _BYTES[::-1].copy(), 255), {"filter_size": 3}),
    ("image.sobel_edges", (_PICTURES,), {}),
    ("image.total_variation", (_PICTURES,), {}),
    ("image.rgb_to_yuv", (_PICTURES,), {}),
    ("image.yuv_to_rgb", (_PICTURES,), {}),
    ("image.rgb_to_yiq", (_PICTURES,), {}),
    ("image.yiq_to_rgb", (_PICTURES,), {}),
    (
        "image.crop_and_resize",
        (_PICTURES, [[0.1, 0.2, 0.7, 0.9], [0.9, -0.2, 0.3, 1.3], [0.5, 0.5, 0.5, 0.5]], [1, 0, 1], [3, 4]),
        {"extrapolation_value": 7.0},
    ),
    ("image.crop_and_resize", (_BYTES[None], [[0.0, 0.1, 1.0, 0.8]], [0], [1, 3]), {"method": "nearest"}),
    (
        "image.non_max_suppression",
        (
            [[0.0, 0.0, 1.0, 1.0], [1.0, 1.1, 0.0, 0.1], [0.0, -0.1, 1.0, 0.9], [0.0, 9.0, 1.0, 10.0]],
            [0.9, 0.75, 0.6, 0.95], 3,
        ),
        {"iou_threshold": 0.5},
    ),
    (
        "image.non_max_suppression",
        ([[0.0, 0.0, 1.0, 1.0], [0.0, 0.5, 1.0, 1.5], [0.0, 3.0, 1.0, 4.0]], [0.3, 0.3, 0.1], 9),
        {"iou_threshold": 0.2, "score_threshold": 0.1},
    ),
    ("nn.depth_to_space", (_floats(2, 3, 2, 8), 2), {}),
    ("nn.space_to_depth", (_floats(2, 4, 6, 3), 2), {}),
    ("saturate_cast", (np.array([-1e10, -3.5, 0.5, 300.0, 4e9], "float32"), "int32"), {}),
    ("saturate_cast", (np.array([-7, 0, 300], "int32"), "uint8"), {}),
    ("tensor_scatter_nd_max", ([1.0, 4.0, 1.0], [[0], [1], [0]], [5.0, 3.0, 2.0]), {}),
    ("tensor_scatter_nd_min", (_floats(3, 2), [[2], [0]], [[0.5, 0.25], [0.1, 2.0]]), {}),
    ("nn.compute_average_loss", (_floats(4),), {"sample_weight": [1.0, 0.0, 2.0, 1.0], "global_batch_size": 8}),
    ("nn.scale_regularization_loss", (_floats(3),), {}),
    ("broadcast_dynamic_shape", ([1, 2, 3], [5, 1, 3]), {}),
]  # fmt: skip


def call(tf: Any, case: tuple[str, tuple[Any, ...], dict[str, Any]]) -> list[Any]:
    """The dtype and the numbers of a call's result."""
    path, arguments, options = case
    function = tf
    for name in path.split("."):
        function = getattr(function, name)
    tensors = [tf.constant(one) if isinstance(one, np.ndarray) else one for one in arguments]
    result = np.asarray(function(*tensors, **options))
    return [result.dtype.name, list(result.shape), result.reshape(-1).tolist()]
