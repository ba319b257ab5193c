"""The names of TensorFlow and Keras that a program uses, found without running it."""

from __future__ import annotations

import ast
import importlib
import warnings
from dataclasses import dataclass
from typing import Any

from tensorlet.compat.unknown_names import tensorflow_names
from tensorlet.errors import TensorletError

#: The packages whose names are looked up, and the path of each below ``tf``.
PACKAGES = {"tensorflow": "", "tensorlet": "", "keras": "keras", "tf_keras": "keras"}
#: Methods of models that today's Keras does not have.
REMOVED_METHODS = frozenset(
    ("fit_generator", "evaluate_generator", "predict_generator", "predict_classes", "predict_proba")
)
#: Arguments that today's Keras refuses: of optimizers, and of `fit`.
REMOVED_ARGUMENTS = {"lr": "optimizers", "decay": "optimizers", "nb_epoch": "fit", "samples_per_epoch": "fit"}


@dataclass(frozen=True)
class Use:
    """A name that a program uses.

    Attributes:
        path: the name without ``tf.``, such as ``keras.layers.Dense``; or a method or argument after a point, such as
            ``.fit_generator()``.
        line: the first line that uses it.
        count: how often it occurs.
        here: whether it runs here.
        legacy: whether it is a legacy spelling, which gives a note.
        today: whether today's TensorFlow and Keras have it.
        advice: what to write instead, if it is not here.
    """

    path: str
    line: int
    count: int
    here: bool
    legacy: bool
    today: bool
    advice: str = ""


def uses_of(source: str, file: str = "<program>") -> list[Use]:
    """Returns the names of TensorFlow and Keras in a program, in the order of their first lines.

    Args:
        source: the program.
        file: its name, for messages.

    Raises:
        SyntaxError: if the program is not valid Python.

    >>> [use.path for use in uses_of("import tensorflow as tf\\nprint(tf.add(1, 2))")]
    ['add']
    """
    found = _Names()
    found.visit(ast.parse(source, file))
    uses = [_use(path, lines) for path, lines in found.lines.items()]
    uses += [
        Use(f".{name}", min(lines), len(lines), True, True, False)
        for name, lines in found.legacy_words.items()
    ]
    return sorted(uses, key=lambda use: (use.line, use.path))


class _Names(ast.NodeVisitor):
    """Collects dotted names that begin with an imported package."""

    def __init__(self) -> None:
        #: Name in the program -> path below ``tf``.
        self.aliases: dict[str, str] = {}
        self.lines: dict[str, list[int]] = {}
        self.legacy_words: dict[str, list[int]] = {}

    def visit_Import(self, node: ast.Import) -> None:
        """``import tensorflow as tf``."""
        for name in node.names:
            package, _, rest = name.name.partition(".")
            if package not in PACKAGES:
                continue
            path = _joined(PACKAGES[package], rest)
            self.aliases[name.asname or package] = path if name.asname else PACKAGES[package]
            if rest:
                self._add(path, node.lineno)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """``from tensorflow.keras import layers``."""
        package, _, rest = (node.module or "").partition(".")
        if package not in PACKAGES or node.level:
            return
        base = _joined(PACKAGES[package], rest)
        for name in node.names:
            if name.name == "*":
                self._add(base, node.lineno)
                continue
            path = _joined(base, name.name)
            self.aliases[name.asname or name.name] = path
            self._add(path, node.lineno)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """``tf.keras.layers.Dense``: the longest chain counts."""
        parts: list[str] = []
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id in self.aliases:
            self._add(_joined(self.aliases[inner.id], ".".join(reversed(parts))), node.lineno)
            return
        if node.attr in REMOVED_METHODS:
            self.legacy_words.setdefault(f"{node.attr}()", []).append(node.lineno)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Arguments that today's Keras refuses."""
        called = ast.unparse(node.func)
        for keyword in node.keywords:
            kind = REMOVED_ARGUMENTS.get(keyword.arg or "")
            if (kind == "fit" and called.endswith(".fit")) or (
                kind == "optimizers" and self._is_optimizer(called)
            ):
                self.legacy_words.setdefault(f"{called.rpartition('.')[2]}({keyword.arg}=)", []).append(
                    node.lineno
                )
        self.generic_visit(node)

    def _is_optimizer(self, called: str) -> bool:
        first, _, rest = called.partition(".")
        return "optimizers" in _joined(self.aliases.get(first, ""), rest)

    def _add(self, path: str, line: int) -> None:
        if path:
            self.lines.setdefault(path, []).append(line)


def _joined(first: str, second: str) -> str:
    return ".".join(filter(None, (first, second)))


def _use(path: str, lines: list[int]) -> Use:
    here, legacy, advice, known = resolve(path)
    return Use(known, min(lines), len(lines), here, legacy, _is_there_today(known), advice)


def resolve(path: str) -> tuple[bool, bool, str, str]:
    """Looks a path up in Tensorlet.

    Args:
        path: such as ``keras.layers.Dense.get_config``.

    Returns:
        Whether it is there, whether it is a legacy spelling, advice if it is missing, and the path up to the first
        thing that is not a namespace.
    """
    import tensorlet

    value: Any = tensorlet
    walked: list[str] = []
    legacy = False
    for name in path.split("."):
        if walked and not hasattr(value, "__path__") and type(value).__name__ not in ("module", "Namespace"):
            break  # a class or a function: what follows is a method
        walked.append(name)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                value = _member(value, name, ".".join(walked))
            except (AttributeError, ImportError) as error:
                advice = error.advice if hasattr(error, "advice") else ""
                return False, False, str(advice or _first_sentences(error)), ".".join(walked)
        legacy = legacy or bool(caught)
    return True, legacy, "", ".".join(walked)


def _member(value: Any, name: str, path: str) -> Any:
    try:
        return getattr(value, name)
    except AttributeError:
        if not hasattr(value, "__path__"):
            raise
        try:
            return importlib.import_module(f"tensorlet.{path}")
        except ModuleNotFoundError as error:
            if isinstance(error, TensorletError):
                raise
    return getattr(value, name)


def _first_sentences(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 200 else text[:199] + "…"


def _is_there_today(path: str) -> bool:
    """Whether today's TensorFlow has a path, or a part of it that is not a namespace."""
    names = tensorflow_names()
    parts = path.split(".")
    return any(names.get(".".join(parts[:count])) == "2" and not _is_namespace(".".join(parts[:count]))
               for count in range(1, len(parts) + 1)) or names.get(path) == "2"  # fmt: skip


def _is_namespace(path: str) -> bool:
    return any(name.startswith(f"{path}.") for name in tensorflow_names())
