"""Pickled files as data: numbers, texts, lists, dictionaries and NumPy arrays; nothing in a file is run.

Python's own reader of pickles calls whatever functions a file names. This one knows the instructions that data need,
and of functions only the few that make arrays, which it replaces by its own. Everything else is an error.
Sizes are checked against the bytes that are there before memory is used.

Source: the module ``pickletools`` of Python, which lists the instructions.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

from tensorlet.errors import FileFormatError

#: What may be named in a file -> what it means here.
NAMES = {
    **{f"numpy.{core}.multiarray _reconstruct": "array" for core in ("core", "_core")},
    **{f"numpy.{core}.multiarray scalar": "scalar" for core in ("core", "_core")},
    "numpy ndarray": "array class",
    "numpy dtype": "dtype",
    "_codecs encode": "encode",
}
#: Kinds of NumPy's dtypes that are data.
KINDS = "biufSUO"
#: The most axes of an array.
MOST_AXES = 32
#: A run of small integers, which most of a long list is.
SMALL_INTEGERS = re.compile(rb"(?:K.|M..){4,}", re.DOTALL)
ONE_INTEGER = re.compile(rb"K.|M..", re.DOTALL)


class _Name(NamedTuple):
    meaning: str


class _DType:
    """A dtype, whose byte order comes in a second step."""

    def __init__(self, text: str) -> None:
        self.text, self.order = text, "|"

    def set_state(self, state: tuple[Any, ...]) -> None:
        self.order = _as_text(state[1])

    def numpy(self) -> np.dtype:
        found = np.dtype("O") if self.text[:1] == "O" else np.dtype(self.text)
        if found.kind not in KINDS or found.names is not None or found.shape:
            raise FileFormatError(f"a pickled array has the dtype {self.text!r}.")
        return found.newbyteorder("<" if self.order == "<" else ">") if self.order in "<>" else found


class _Array:
    """An array, whose shape and contents come in a second step."""

    def __init__(self) -> None:
        self.content: np.ndarray | None = None
        self.shape: tuple[int, ...] = ()
        self.order: Literal["C", "F"] = "C"

    def set_state(self, state: tuple[Any, ...]) -> None:
        shape, dtype, is_fortran, raw = state[-4:]
        kind = dtype.numpy()
        if len(shape) > MOST_AXES or not all(isinstance(one, int) and one >= 0 for one in shape):
            raise FileFormatError(f"a pickled array has the shape {shape}.")
        count = math.prod(shape)
        if kind.hasobject:
            if not isinstance(raw, list) or len(raw) != count:
                raise FileFormatError("a pickled array has fewer elements than its shape says.")
            content = np.empty(count, object)
            for place, one in enumerate(raw):  # NumPy would make axes of lists of the same length
                content[place] = one
        else:
            raw = raw.encode("latin1") if isinstance(raw, str) else raw
            if not isinstance(raw, bytes) or len(raw) != count * kind.itemsize:
                raise FileFormatError("a pickled array has fewer bytes than its shape says.")
            content = np.frombuffer(raw, kind)
        self.content, self.shape, self.order = content, shape, "F" if is_fortran else "C"


def read_pickled(content: bytes, name: str) -> Any:
    """The data of a pickled file.

    Args:
        content: its bytes.
        name: its name in messages.

    Returns:
        Numbers, texts, bytes (also for the texts of Python 2), None, lists, tuples, dictionaries and arrays.

    Raises:
        FileFormatError: for anything else, and for a damaged file.

    >>> import pickle
    >>> read_pickled(pickle.dumps({"a": [1, 2.5, None]}), "a file")
    {'a': [1, 2.5, None]}
    """
    try:
        return _plain(_Reader(content).run(), {})
    except FileFormatError as error:
        raise FileFormatError(f"{name}: {error} Only numbers, texts, lists and arrays are read.") from None
    except (
        ArithmeticError, AttributeError, IndexError, KeyError, LookupError, RecursionError, TypeError, ValueError,
        struct.error,
    ) as error:  # fmt: skip
        raise FileFormatError(
            f"{name}: the pickled data is damaged ({type(error).__name__}). Copy the file again."
        ) from None


class _Reader:
    """Runs the instructions of a pickle: a stack of values, and a memo of values that are used again."""

    def __init__(self, content: bytes) -> None:
        self.content, self.at = content, 0
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memo: dict[int, Any] = {}

    def run(self) -> Any:
        while True:
            code = self.take(1)
            if code == b".":
                return self.stack.pop()
            if code in b"KM":
                self._integers(code)
                continue
            instruction = INSTRUCTIONS.get(code)
            if instruction is None:
                raise FileFormatError(
                    f"the pickled data has the instruction {code!r}, which is not one of data."
                )
            instruction(self)

    def take(self, count: int) -> bytes:
        """The next bytes."""
        end = self.at + count
        if count < 0 or end > len(self.content):
            raise FileFormatError("the pickled data ends too early.")
        found = self.content[self.at : end]
        self.at = end
        return found

    def number(self, form: str) -> int:
        """The next number, of a form of the module ``struct``."""
        return int(struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))[0])

    def line(self) -> bytes:
        """The bytes up to the end of the line."""
        end = self.content.index(b"\n", self.at)
        found = self.content[self.at : end]
        self.at = end + 1
        return found

    def push(self, value: Any) -> None:
        """Puts a value on the stack."""
        self.stack.append(value)

    def since_mark(self) -> list[Any]:
        """The values since the last mark."""
        found = self.stack
        self.stack = self.marks.pop()
        return found

    def mark(self) -> None:
        """Starts a list of values."""
        self.marks.append(self.stack)
        self.stack = []

    def _integers(self, code: bytes) -> None:
        """One small integer, or a run of them at a time."""
        run = SMALL_INTEGERS.match(self.content, self.at - 1)
        if run is None:
            self.push(self.number("B" if code == b"K" else "H"))
            return
        self.at = run.end()
        self.stack += [
            one[1] if len(one) == 2 else one[1] | one[2] << 8 for one in ONE_INTEGER.findall(run.group())
        ]

    def tuple_of(self, count: int) -> None:
        """Joins the last values in a tuple."""
        if len(self.stack) < count:
            raise IndexError
        values = tuple(self.stack[len(self.stack) - count :])
        del self.stack[len(self.stack) - count :]
        self.push(values)

    def set_items(self, items: list[Any]) -> None:
        """Adds keys and values to the dictionary on top of the stack."""
        target = self.stack[-1]
        if type(target) is not dict or len(items) % 2:
            raise TypeError
        target.update(zip(items[::2], items[1::2], strict=True))

    def append(self, items: list[Any]) -> None:
        """Adds values to the list on top of the stack."""
        if type(self.stack[-1]) is not list:
            raise TypeError
        self.stack[-1].extend(items)

    def name(self, module: str, name: str) -> None:
        """Puts the meaning of a name on the stack."""
        meaning = NAMES.get(f"{module} {name}")
        if meaning is None:
            raise FileFormatError(f"the pickled data names {module}.{name}, which is not run.")
        self.push(_Name(meaning))

    def reduce(self) -> None:
        """Makes an array, a dtype or bytes."""
        arguments, function = self.stack.pop(), self.stack.pop()
        if not isinstance(function, _Name) or not isinstance(arguments, tuple):
            raise TypeError
        if function.meaning == "array":
            self.push(_Array())
        elif function.meaning == "dtype":
            self.push(_DType(_as_text(arguments[0])))
        elif function.meaning == "encode":
            self.push(_as_text(arguments[0]).encode("latin1"))
        elif function.meaning == "scalar":
            raw = arguments[1]
            kind = arguments[0].numpy()
            if kind.hasobject or len(raw) != kind.itemsize:
                raise FileFormatError("a pickled number has another size than its dtype.")
            self.push(np.frombuffer(raw.encode("latin1") if isinstance(raw, str) else raw, kind)[0])
        else:
            raise TypeError

    def build(self) -> None:
        """Completes an array or a dtype."""
        state = self.stack.pop()
        if not isinstance(self.stack[-1], _Array | _DType):
            raise FileFormatError("the pickled data has objects other than arrays.")
        self.stack[-1].set_state(state)


def _as_text(value: Any) -> str:
    return value.decode("ascii") if isinstance(value, bytes) else str(value)


def _plain(value: Any, done: dict[int, Any]) -> Any:
    """A value with arrays in place of what they were read into; a value that occurs twice is converted once."""
    if isinstance(value, _Name | _DType):
        raise FileFormatError("the pickled data has a function or a dtype where data is expected.")
    if not isinstance(value, _Array | dict | list | tuple) or (
        isinstance(value, list) and all(type(one) is int for one in value)
    ):
        return value
    if id(value) not in done:
        done[id(value)] = _converted(value, done)
    return done[id(value)]


def _converted(value: Any, done: dict[int, Any]) -> Any:
    if isinstance(value, dict):
        return {_plain(key, done): _plain(item, done) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(one, done) for one in value]
    if isinstance(value, tuple):
        return tuple(_plain(one, done) for one in value)
    if value.content is None:
        raise FileFormatError("a pickled array has no contents.")
    if value.content.dtype.hasobject:
        for place, one in enumerate(value.content):
            value.content[place] = _plain(one, done)
    return value.content.reshape(value.shape, order=value.order)


def _text(reader: _Reader) -> str:
    return reader.line().decode("ascii")


def _old_integer(reader: _Reader) -> Any:
    line = _text(reader)
    return {"00": False, "01": True}[line] if line in ("00", "01") else int(line)


def _old_string(reader: _Reader) -> bytes:
    """A string of Python 2 in quotes, with escapes."""
    line = reader.line()
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in b"'\"":
        raise ValueError
    return line[1:-1].decode("unicode_escape").encode("latin1")


def _sized(form: str, decode: bool = False) -> Callable[[_Reader], None]:
    def read(reader: _Reader) -> None:
        content = reader.take(reader.number(form))
        reader.push(content.decode("utf-8", "surrogatepass") if decode else content)

    return read


def _global(reader: _Reader) -> None:
    module = _text(reader)
    reader.name(module, _text(reader))


def _stack_global(reader: _Reader) -> None:
    name = _as_text(reader.stack.pop())
    reader.name(_as_text(reader.stack.pop()), name)


def _put(number: Callable[[_Reader], int]) -> Callable[[_Reader], None]:
    return lambda reader: reader.memo.__setitem__(number(reader), reader.stack[-1])


def _get(number: Callable[[_Reader], int]) -> Callable[[_Reader], None]:
    return lambda reader: reader.push(reader.memo[number(reader)])


def _append_one(reader: _Reader) -> None:
    item = reader.stack.pop()
    reader.append([item])


def _dictionary(items: list[Any]) -> dict[Any, Any]:
    return dict(zip(items[::2], items[1::2], strict=True))


def _set_one(reader: _Reader) -> None:
    reader.tuple_of(2)
    reader.set_items(list(reader.stack.pop()))


def _skip(count: int) -> Callable[[_Reader], None]:
    def skip(reader: _Reader) -> None:
        reader.take(count)

    return skip


def _long(form: str) -> Callable[[_Reader], None]:
    return lambda reader: reader.push(int.from_bytes(reader.take(reader.number(form)), "little", signed=True))


#: The instructions, by their byte. Those of numbers below 65,536 are in `_Reader.run`.
INSTRUCTIONS: dict[bytes, Callable[[_Reader], None]] = {
    b"\x80": _skip(1),  # the protocol
    b"\x95": _skip(8),  # the length of a frame
    b"(": _Reader.mark,
    b"N": lambda reader: reader.push(None),
    b"\x88": lambda reader: reader.push(True),
    b"\x89": lambda reader: reader.push(False),
    b"J": lambda reader: reader.push(reader.number("i")),
    b"\x8a": _long("B"),
    b"I": lambda reader: reader.push(_old_integer(reader)),
    b"L": lambda reader: reader.push(int(_text(reader).rstrip("L"))),
    b"F": lambda reader: reader.push(float(_text(reader))),
    b"G": lambda reader: reader.push(struct.unpack(">d", reader.take(8))[0]),
    b"S": lambda reader: reader.push(_old_string(reader)),
    b"V": lambda reader: reader.push(reader.line().decode("raw_unicode_escape")),
    b"T": _sized("i"),
    b"U": _sized("B"),
    b"B": _sized("I"),
    b"C": _sized("B"),
    b"\x8e": _sized("Q"),
    b"X": _sized("I", decode=True),
    b"\x8c": _sized("B", decode=True),
    b"\x8d": _sized("Q", decode=True),
    b"]": lambda reader: reader.push([]),
    b"}": lambda reader: reader.push({}),
    b")": lambda reader: reader.push(()),
    b"d": lambda reader: reader.push(_dictionary(reader.since_mark())),
    b"l": lambda reader: reader.push(reader.since_mark()),
    b"t": lambda reader: reader.push(tuple(reader.since_mark())),
    b"\x85": lambda reader: reader.tuple_of(1),
    b"\x86": lambda reader: reader.tuple_of(2),
    b"\x87": lambda reader: reader.tuple_of(3),
    b"a": _append_one,
    b"e": lambda reader: reader.append(reader.since_mark()),
    b"s": _set_one,
    b"u": lambda reader: reader.set_items(reader.since_mark()),
    b"q": _put(lambda reader: reader.number("B")),
    b"r": _put(lambda reader: reader.number("I")),
    b"p": _put(lambda reader: int(_text(reader))),
    b"\x94": _put(lambda reader: len(reader.memo)),
    b"h": _get(lambda reader: reader.number("B")),
    b"j": _get(lambda reader: reader.number("I")),
    b"g": _get(lambda reader: int(_text(reader))),
    b"c": _global,
    b"\x93": _stack_global,
    b"R": _Reader.reduce,
    b"b": _Reader.build,
}
