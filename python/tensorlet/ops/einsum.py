"""Einstein summation, composed of transposes, sums and one matrix product per pair of inputs."""

from __future__ import annotations

import math
from string import ascii_letters
from typing import Any

import numpy as np

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops.conversion import convert_together
from tensorlet.ops.linalg import matmul
from tensorlet.ops.movement import reshape, transpose
from tensorlet.ops.registry import Tensor, TensorLike, functions
from tensorlet.ops.shape_rules import same_dtype


def einsum(equation: str, *inputs: TensorLike, **kwargs: Any) -> Tensor:
    """Sums products of elements over axes, in the Einstein summation convention.

    Each letter names an axis. Axes with the same letter are paired; letters that are missing
    on the right are summed over. A letter that occurs twice in a term names its diagonal, and
    ``...`` all axes without a letter, counted from the last.

    Args:
        equation: such as ``"ij,jk->ik"``. Without ``->``, the result has the letters that occur
            once, in alphabetical order.
        inputs: tensors of one dtype, one for each term of the equation.
        kwargs: ``optimize`` and ``name`` are ignored.

    Raises:
        InvalidArgumentError: if the equation is not valid.
        ShapeError: if the terms do not fit the inputs.

    >>> import tensorlet as tf
    >>> tf.einsum("ij,jk->ik", [[1.0, 2.0]], [[3.0], [4.0]]).numpy()
    array([[11.]], dtype=float32)
    >>> tf.einsum("ij->j", [[1, 2], [3, 4]]).numpy()
    array([4, 6], dtype=int32)
    >>> print(tf.einsum("ii", [[1, 2], [3, 4]]).numpy(), tf.einsum("...i->...", [[1, 2], [3, 4]]).numpy())
    5 [3 7]
    """
    tensors = convert_together(inputs)
    plain, tensors = _with_diagonals(_with_letters(equation, tensors), tensors)
    terms, result = _parse(plain, len(inputs))
    same_dtype("tf.einsum", [f"inputs[{number}]" for number in range(len(tensors))], tensors)
    _check_lengths(equation, terms, tensors)
    term, tensor = terms[0], tensors[0]
    for place in range(1, len(terms)):
        later = set(result).union(*terms[place + 1 :])
        term, tensor = _multiply(term, tensor, terms[place], tensors[place], later)
    term, tensor = _sum_missing(term, tensor, set(result))
    return _ordered(term, tensor, result)


def _with_letters(equation: str, tensors: list[Tensor]) -> str:
    """The equation with letters for the axes that ``...`` stands for."""
    text = equation.replace(" ", "")
    left, arrow, result = text.partition("->")
    terms = left.split(",")
    if "..." not in text or len(terms) != len(tensors):
        return text
    counts = [
        max(len(tensor.shape) - len(term) + 3, 0) if "..." in term else 0
        for term, tensor in zip(terms, tensors, strict=True)
    ]
    names = "".join([letter for letter in ascii_letters if letter not in text][: max(counts)])
    terms = [
        term.replace("...", names[len(names) - count :]) for term, count in zip(terms, counts, strict=True)
    ]
    if not arrow:
        once = sorted(letter for letter in set(left) - set(",.") if left.count(letter) == 1)
        return f"{','.join(terms)}->{names}{''.join(once)}"
    return f"{','.join(terms)}->{result.replace('...', names)}"


def _with_diagonals(equation: str, tensors: list[Tensor]) -> tuple[str, list[Tensor]]:
    """The equation and tensors with diagonals in place of axes that a term names twice."""
    left, arrow, result = equation.partition("->")
    terms = left.split(",")
    if len(terms) != len(tensors) or all(len(set(term)) == len(term) for term in terms):
        return equation, tensors
    if not arrow:
        result = "".join(sorted(letter for letter in set(left) - {","} if left.count(letter) == 1))
    pairs = [_diagonals(term, tensor) for term, tensor in zip(terms, tensors, strict=True)]
    return f"{','.join(term for term, _ in pairs)}->{result}", [tensor for _, tensor in pairs]


def _diagonals(term: str, tensor: Tensor) -> tuple[str, Tensor]:
    while len(term) == len(tensor.shape) and (twice := [one for one in term if term.count(one) > 1]):
        letter = twice[0]
        first = term.index(letter)
        second = term.index(letter, first + 1)
        length, other = tensor.shape[first], tensor.shape[second]
        if length != other:
            raise ShapeError(
                f"tf.einsum: '{letter}' names axes of lengths {length} and {other} of one tensor."
            )
        others = [axis for axis in range(len(term)) if axis not in (first, second)]
        moved = functions.transpose(tensor, [*others, first, second])
        flat = functions.reshape(moved, [*moved.shape[:-2], length * length])
        tensor = functions.gather(flat, np.arange(length) * (length + 1), axis=-1)
        term = "".join(term[axis] for axis in others) + letter
    return term, tensor


def _parse(equation: str, count: int) -> tuple[list[str], str]:
    """The terms of the left side, and the result."""
    text = equation.replace(" ", "")
    left, arrow, result = text.partition("->")
    terms = left.split(",")
    if not arrow:
        result = "".join(sorted(letter for letter in set(left) - {","} if left.count(letter) == 1))
    if not all(letter.isalpha() for letter in "".join(terms) + result) or not set(result) <= set(left):
        raise InvalidArgumentError(
            f"tf.einsum: {equation!r} is not a valid equation. Write it like 'ij,jk->ik': a letter for each "
            "axis, commas between the terms, and on the right only letters that occur on the left."
        )
    for term in (*terms, result):
        if len(set(term)) != len(term):
            raise InvalidArgumentError(
                f"tf.einsum: the term '{term}' of {equation!r} repeats a letter. For diagonals use "
                "tf.linalg.diag_part, for traces tf.linalg.trace."
            )
    if len(terms) != count:
        raise InvalidArgumentError(
            f"tf.einsum: {equation!r} has {len(terms)} terms, but {count} tensors were given. Pass one for "
            "each term."
        )
    return terms, result


def _check_lengths(equation: str, terms: list[str], tensors: list[Tensor]) -> None:
    lengths: dict[str, int] = {}
    for number, (term, tensor) in enumerate(zip(terms, tensors, strict=True)):
        if len(term) != len(tensor.shape):
            raise ShapeError(
                f"tf.einsum: the term '{term}' of {equation!r} has {len(term)} axes, but input {number} has "
                f"shape {list(tensor.shape)}. Write one letter for each axis."
            )
        for letter, length in zip(term, tensor.shape, strict=True):
            if lengths.setdefault(letter, length) != length:
                raise ShapeError(
                    f"tf.einsum: the axis '{letter}' of {equation!r} has length {lengths[letter]} in one "
                    f"input and {length} in input {number} of shape {list(tensor.shape)}. The two lengths "
                    "must be equal."
                )


def _sum_missing(term: str, tensor: Tensor, needed: set[str]) -> tuple[str, Tensor]:
    """Sums over the axes that are no longer needed."""
    axes = [axis for axis, letter in enumerate(term) if letter not in needed]
    if not axes:
        return term, tensor
    kept = "".join(letter for letter in term if letter in needed)
    return kept, functions.reduce_sum(tensor, axis=axes)


def _ordered(term: str, tensor: Tensor, wanted: str) -> Tensor:
    return tensor if term == wanted else transpose(tensor, [term.index(letter) for letter in wanted])


def _multiply(a_term: str, a: Tensor, b_term: str, b: Tensor, later: set[str]) -> tuple[str, Tensor]:
    """One matrix product: batch letters in front, then rows times columns."""
    a_term, a = _sum_missing(a_term, a, later | set(b_term))
    b_term, b = _sum_missing(b_term, b, later | set(a_term))
    shared = [letter for letter in a_term if letter in b_term]
    batch = "".join(letter for letter in shared if letter in later)
    inner = "".join(letter for letter in shared if letter not in later)
    rows = "".join(letter for letter in a_term if letter not in shared)
    columns = "".join(letter for letter in b_term if letter not in shared)
    length = dict(zip(a_term + b_term, (*a.shape, *b.shape), strict=True))

    def size(letters: str) -> int:
        return math.prod(length[letter] for letter in letters)

    front = tuple(length[letter] for letter in batch)
    # The product reads a transposed operand where it lies.
    turn_left, turn_right = a_term == batch + inner + rows, b_term == batch + columns + inner
    left_order = batch + (inner + rows if turn_left else rows + inner)
    right_order = batch + (columns + inner if turn_right else inner + columns)
    left_size, right_size = (size(rows), size(inner)), (size(inner), size(columns))
    left = reshape(_ordered(a_term, a, left_order), (*front, *(left_size[::-1] if turn_left else left_size)))
    right = reshape(
        _ordered(b_term, b, right_order), (*front, *(right_size[::-1] if turn_right else right_size))
    )
    product = matmul(left, right, transpose_a=turn_left, transpose_b=turn_right)
    term = batch + rows + columns
    return term, reshape(product, [length[letter] for letter in term])
