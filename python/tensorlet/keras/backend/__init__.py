"""``tf.keras.backend``: common functions that programs import as ``K``.

They are short names for operations, with the arguments of Keras: ``K.mean(x, axis=-1)``,
``K.square(x)``, ``K.clip(x, 0, 1)``. In losses, metrics and layers they are traced like any
other operation.

>>> import tensorlet as tf
>>> from tensorlet.keras import backend as K
>>> K.get_value(K.mean(K.square(tf.constant([[1.0, 3.0]])), axis=-1)).tolist()
[5.0]
"""

from __future__ import annotations

import tensorlet.core.eager  # noqa: F401 - sets the interpreter of operations
from tensorlet.keras.lazy import lazy_names

_HERE = "tensorlet.keras.backend"
_PLACES = {
    "tensorlet.keras.config": "epsilon floatx image_data_format set_epsilon set_floatx set_image_data_format",
    f"{_HERE}.session": "backend clear_session function get_uid "
    "in_test_phase in_train_phase is_keras_tensor learning_phase learning_phase_scope name_scope reset_uids",
    f"{_HERE}.values": "arange batch_get_value batch_set_value cast_to_floatx constant count_params eval "
    "get_value is_sparse ones ones_like eye placeholder print_tensor random_bernoulli random_binomial "
    "random_normal random_normal_variable random_uniform random_uniform_variable set_value to_dense "
    "truncated_normal update update_add update_sub moving_average_update variable zeros zeros_like",
    f"{_HERE}.mathematics": "abs all any argmax argmin cast clip cos cumprod cumsum equal exp greater "
    "greater_equal identity less less_equal log logsumexp max maximum mean min minimum not_equal pow prod "
    "round sign sin sqrt square std stop_gradient sum switch var",
    f"{_HERE}.shapes": "batch_dot batch_flatten concatenate dot dtype expand_dims flatten gather int_shape "
    "is_tensor ndim one_hot permute_dimensions repeat repeat_elements reshape reverse shape slice squeeze "
    "stack tile transpose",
    f"{_HERE}.networks": "batch_normalization bias_add binary_crossentropy binary_focal_crossentropy "
    "categorical_crossentropy dropout elu hard_sigmoid in_top_k l2_normalize map_fn "
    "normalize_batch_in_training relu sigmoid softmax softplus softsign sparse_categorical_crossentropy tanh",
}

_PLACES[f"{_HERE}.pictures"] = (
    "conv1d conv2d conv2d_transpose depthwise_conv2d pool2d resize_images separable_conv2d spatial_2d_padding "
    "temporal_padding"
)
_PLACES[f"{_HERE}.sequences"] = "rnn"
_PLACES["tensorlet.keras.ops.promotion"] = "result_type"

_NO_SESSION = (
    "It belongs to TensorFlow 1: TensorFlow 2 has no sessions. Remove it; set threads with "
    "tf.config.threading, and reset names with tf.keras.backend.clear_session()."
)
_NO_VOLUMES = (
    "Tensorlet has convolutional layers for sequences and pictures, and recurrent layers; for volumes and the CTC "
    "loss, use TensorFlow."
)
_ABSENT = {
    "control_flow_ops": "Use tf.cond or tf.where.",
    "foldl": "Write a loop in Python, or tf.while_loop.",
    "foldr": "Write a loop in Python, or tf.while_loop.",
    "get_session": _NO_SESSION,
    "set_session": _NO_SESSION,
    "tf": "Write import tensorflow as tf.",
    "gradients": "Use tf.GradientTape: with tf.GradientTape() as tape: loss = ...; tape.gradient(loss, w).",
    "manual_variable_initialization": "Remove it: variables are always initialized.",
    "get_variable_shape": "Use variable.shape.",
    **dict.fromkeys(
        ("conv3d", "ctc_batch_cost", "ctc_decode", "pool3d"),
        _NO_VOLUMES,
    ),
}  # fmt: skip

__getattr__, __dir__ = lazy_names(
    __name__, _PLACES, absent=_ABSENT,
    on_symbols=(f"{_HERE}.mathematics", f"{_HERE}.shapes", f"{_HERE}.networks", f"{_HERE}.pictures"),
)  # fmt: skip
