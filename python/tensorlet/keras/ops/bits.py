"""Operations on the bits of integers."""

from __future__ import annotations

from tensorlet.keras.ops.promotion import binary, tensor, unary
from tensorlet.ops import bitwise

bitwise_and = binary("bitwise_and", bitwise.bitwise_and, "The bits that are set in both of two integers.")
bitwise_or = binary(
    "bitwise_or", bitwise.bitwise_or, "The bits that are set in at least one of two integers."
)
bitwise_xor = binary(
    "bitwise_xor", bitwise.bitwise_xor, "The bits that are set in exactly one of two integers."
)
bitwise_left_shift = left_shift = binary(
    "bitwise_left_shift",
    bitwise.left_shift,
    "The bits of ``x1``, moved by ``x2`` places towards the highest.",
)
bitwise_right_shift = right_shift = binary(
    "bitwise_right_shift",
    bitwise.right_shift,
    "The bits of ``x1``, moved by ``x2`` places towards the lowest.",
)
bitwise_invert = bitwise_not = unary(
    "bitwise_invert", bitwise.invert, "All bits of an integer, inverted.", tensor
)
