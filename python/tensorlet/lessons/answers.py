"""What the checks of exercises are made of: verdicts in both languages, and careful readers of answers.

A check looks at properties of an answer, never at its spelling: any function that is a softmax is right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Text(NamedTuple):
    """The same sentence in Korean and in English."""

    ko: str
    en: str


class Verdict(NamedTuple):
    """Whether an answer is right, and what to tell the student about it."""

    right: bool
    text: Text
    #: False if there is no answer yet.
    answered: bool = True


class NotAnAnswerError(Exception):
    """An answer has the wrong form: not a number, not a function, the wrong shape."""

    def __init__(self, ko: str, en: str, answered: bool = True) -> None:
        super().__init__(en)
        self.verdict = Verdict(False, Text(ko, en), answered)


@dataclass(frozen=True)
class Exercise:
    """An exercise: its check, and its hints from the vague to the plain."""

    check: Callable[[object], Verdict]
    hints: Sequence[Text]


def right(ko: str, en: str) -> Verdict:
    """The answer is right."""
    return Verdict(True, Text(ko, en))


def wrong(ko: str, en: str) -> Verdict:
    """The answer is not right yet; the text says what was seen, and not what the answer is."""
    return Verdict(False, Text(ko, en))


def number(answer: object) -> float:
    """Reads one number.

    Raises:
        NotAnAnswerError: if the answer is something else.
    """
    values = array(answer)
    if values.size != 1:
        raise NotAnAnswerError(
            f"숫자 하나가 필요한데 {values.size}개를 받았습니다.",
            f"One number is needed, but there are {values.size}.",
        )
    return float(values.reshape(()))


def array(answer: object, shape: tuple[int, ...] | None = None) -> np.ndarray:
    """Reads an array of finite numbers, from lists, arrays, tensors and variables.

    Args:
        answer: what the student gave.
        shape: the shape that it must have; None allows any.

    Raises:
        NotAnAnswerError: if there are no numbers, or another shape.
    """
    try:
        values = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError):
        if isinstance(answer, (list, tuple)):
            raise NotAnAnswerError(
                "숫자가 아니거나 길이가 서로 다른 것이 들어 있습니다.",
                "It contains something that is not a number, or rows of different lengths.",
            ) from None
        raise NotAnAnswerError(
            f"숫자가 필요한데 {type(answer).__name__}을(를) 받았습니다.",
            f"Numbers are needed, but this is of type {type(answer).__name__}.",
        ) from None
    if shape is not None and values.shape != shape:
        raise NotAnAnswerError(
            f"모양(shape)이 {values.shape}입니다. {shape}이어야 합니다.",
            f"The shape is {values.shape}. It should be {shape}.",
        )
    if not np.isfinite(values).all():
        raise NotAnAnswerError("NaN이나 무한대가 들어 있습니다.", "It contains NaN or infinity.")
    return values


def function(answer: object) -> Callable[..., object]:
    """Reads a function.

    Raises:
        NotAnAnswerError: if the answer cannot be called.
    """
    if not callable(answer):
        raise NotAnAnswerError(
            f"함수가 필요합니다. 이름만 쓰고 괄호는 붙이지 마세요. 받은 것: {type(answer).__name__}",
            f"A function is needed: its name, without parentheses. This is of type {type(answer).__name__}.",
        )
    return answer


def call(student: Callable[..., object], *arguments: object) -> object:
    """Calls a student's function.

    Raises:
        NotAnAnswerError: if the function fails, or returns nothing.
    """
    shown = ", ".join(_short(argument) for argument in arguments)
    try:
        result = student(*arguments)
    except Exception as error:
        raise NotAnAnswerError(
            f"함수를 ({shown})(으)로 부르면 오류가 납니다. {type(error).__name__}: {error}",
            f"Called with ({shown}), the function raises {type(error).__name__}: {error}",
        ) from error
    if result is None or result is ...:
        raise NotAnAnswerError(
            "함수가 아직 아무것도 돌려주지 않습니다. return으로 끝나야 합니다.",
            "The function returns nothing yet. It should end with return.",
            answered=False,
        )
    return result


def _short(argument: object) -> str:
    text = " ".join(repr(argument).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def shown(values: object, digits: int = 3) -> str:
    """Numbers for a message, such as ``"0.391, 0.320"``."""
    return ", ".join(f"{value:.{digits}f}" for value in np.asarray(values, dtype=np.float64).ravel())


def pair(answer: object, parts: Text) -> tuple[object, object]:
    """Reads an answer of two parts, such as ``(W, b)``.

    Args:
        answer: what the student gave.
        parts: the names of the parts, such as ``Text("W, b", "W, b")``.

    Raises:
        NotAnAnswerError: if there are not two parts.
    """
    if not isinstance(answer, (tuple, list)):
        kind = type(answer).__name__
        raise NotAnAnswerError(
            f"괄호 안에 둘을 함께 써야 합니다: ({parts.ko}). 받은 것은 {kind} 하나입니다.",
            f"Two parts in parentheses are needed: ({parts.en}). This is a single {kind}.",
        )
    if len(answer) != 2:
        raise NotAnAnswerError(
            f"({parts.ko}) 둘이 필요한데 {len(answer)}개를 받았습니다.",
            f"Two parts are needed: ({parts.en}). There are {len(answer)}.",
        )
    return answer[0], answer[1]


def predictions(model: object, rows: np.ndarray, classes: int) -> np.ndarray:
    """The classes that a student's model predicts.

    Args:
        model: a model with ``predict``; one column of results is the probability of class 1.
        rows: the inputs.
        classes: the number of classes.

    Raises:
        NotAnAnswerError: if it is not a model, fails for these rows, or has another number of outputs.
    """
    predict = getattr(model, "predict", None)
    if predict is None:
        raise NotAnAnswerError(
            f"모델이 필요한데 {type(model).__name__}을(를) 받았습니다.",
            f"A model is needed, but this is of type {type(model).__name__}.",
        )
    outputs = np.asarray(call(lambda inputs: predict(inputs, verbose=0), rows))
    columns = outputs.shape[1] if outputs.ndim == 2 else 0
    if columns == 1 and classes == 2:
        return np.asarray(outputs[:, 0] > 0.5, dtype=np.int64)
    if columns != classes:
        raise NotAnAnswerError(
            f"모델의 출력 모양이 {outputs.shape}입니다. 한 줄에 {classes}개여야 합니다.",
            f"The model's output has the shape {outputs.shape}. There should be {classes} numbers in a row.",
        )
    return np.asarray(outputs.argmax(axis=1))
