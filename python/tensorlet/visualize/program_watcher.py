"""Records what a program traces, builds and differentiates while it runs; for ``tensorlet show SCRIPT``."""

from __future__ import annotations

import contextlib
import inspect
import io
import re
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensorlet.core.compiled_call import uncompiled
from tensorlet.core.concrete_function import Concrete, is_tensor_argument
from tensorlet.core.nest import flatten
from tensorlet.core.tape import GradientTape
from tensorlet.core.tracing import Trace, current_trace
from tensorlet.errors import TensorletError
from tensorlet.graph.ir import CONSTANT
from tensorlet.keras.models import Model
from tensorlet.visualize.computation import Computation, author_names, code_of, locals_of, parameters_of
from tensorlet.visualize.model_layers import picture_of_model
from tensorlet.visualize.picture import picture_of, render
from tensorlet.visualize.recorded_tape import computation_of
from tensorlet.visualize.show import Drawing, draw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType

    from tensorlet.graph.ir import Graph

#: The largest number of drawings, because a program may create models or functions in a loop.
MOST_DRAWINGS = 50
#: The methods through which everything that can be drawn passes.
WATCHED: tuple[tuple[Any, str], ...] = (
    (Model, "__init__"),
    (Concrete, "__init__"),
    (GradientTape, "gradient"),
)


class Watch:
    """Context manager that records models, traced functions and gradients.

    Other packages do not depend on it: inside the block, three methods are replaced by wrappers that
    also record their calls.

    Args:
        optimized: whether traced functions are drawn as they run, instead of as they are written.

    Attributes:
        models: the models in order of their creation.
        functions: the computations of traced functions of the program.
        tapes: (line, drawing) of the first gradient computed on each line.
    """

    def __init__(self, optimized: bool = False) -> None:
        self._written = not optimized
        self.models: list[Any] = []
        self.functions: list[Any] = []
        self.tapes: list[tuple[int, Drawing]] = []
        self._lines: set[tuple[str, int]] = set()
        self._uncompiled = uncompiled()

    def __enter__(self) -> Watch:
        self._before = [getattr(owner, name) for owner, name in WATCHED]
        make_model, trace, differentiate = self._before
        watch = self

        def model_made(model: Model, *args: Any, **kwargs: Any) -> None:
            make_model(model, *args, **kwargs)
            watch.models.append(model)

        def function_traced(concrete: Concrete, function: object, *args: Any, **kwargs: Any) -> None:
            if str(getattr(function, "__module__", "")).startswith("tensorlet."):
                trace(concrete, function, *args, **kwargs)
                return
            code = code_of(function)
            with locals_of(code) as found:
                trace(concrete, function, *args, **kwargs)
            if watch._written and _differentiates_rewrites(concrete.graph):
                again = _traced_as_written(trace, code, function, *args, **kwargs)
                concrete, found = (concrete, found) if again is None else again
            # The function is followed by its name and the arguments of the call.
            _name_inputs(concrete.graph, parameters_of(function, code), args[1] if len(args) > 1 else ())
            computation = author_names(
                concrete.name, concrete.graph, concrete.captured, found, {}, watch._written
            )
            watch.functions.append(computation)

        def gradient_asked(tape: GradientTape, target: object, *args: Any, **kwargs: Any) -> Any:
            watch._look_at(tape, target)
            return differentiate(tape, target, *args, **kwargs)

        self._put([model_made, function_traced, gradient_asked])
        self._uncompiled.__enter__()  # tapes record every operation
        return self

    def __exit__(self, *_: object) -> None:
        self._put(self._before)
        self._uncompiled.__exit__()

    def _put(self, methods: Sequence[Any]) -> None:
        for (owner, name), method in zip(WATCHED, methods, strict=True):
            setattr(owner, name, method)

    def _look_at(self, tape: GradientTape, target: object) -> None:
        """Draws the computation of a target when a line of the program first computes its gradients."""
        frame = sys._getframe(2)
        place = (frame.f_code.co_filename, frame.f_lineno)
        ours = str(frame.f_globals.get("__name__", "")).startswith("tensorlet.")
        if place in self._lines or ours or current_trace() is not None or len(self._lines) >= MOST_DRAWINGS:
            return
        self._lines.add(place)
        called = {**frame.f_globals, **frame.f_locals}
        found = computation_of(tape, target, called, f"line {frame.f_lineno}")
        if found is not None:
            picture = picture_of(found)
            self.tapes.append((frame.f_lineno, Drawing(render(picture), picture.title)))

    def save(self, folder: Path) -> list[tuple[str, str]]:
        """Saves all drawings; returns pairs of a description, and the file name or the reason that there is none."""
        done: list[tuple[str, str]] = []
        taken: set[str] = set()

        def keep(what: str, name: str, drawing: Drawing) -> None:
            clean = re.sub(r"[^\w.-]+", "_", name).strip("._") or "drawing"
            file, number = clean, 1
            while file.lower() in taken:
                number += 1
                file = f"{clean}_{number}"
            taken.add(file.lower())
            drawing.save(folder / f"{file}.svg")
            done.append((what, f"{file}.svg"))

        for model in self.models[:MOST_DRAWINGS]:
            self._attempt(done, f"model {model.name}", partial(self._keep_drawing, keep, of_model, model))
        for computation in self.functions[:MOST_DRAWINGS]:
            self._attempt(
                done,
                f"function {computation.name}",
                partial(self._keep_drawing, keep, of_function, computation),
            )
        for line, drawing in self.tapes:
            keep(f"gradients asked for in line {line}", f"gradients_line_{line}", drawing)
        return done

    @staticmethod
    def _keep_drawing(
        keep: Callable[[str, str, Drawing], None],
        draw: Callable[[Any], Drawing],
        thing: Model | Computation,
        what: str,
    ) -> None:
        """Draws a model or function and saves the drawing under its name."""
        keep(what, thing.name, draw(thing))

    @staticmethod
    def _attempt(done: list[tuple[str, str]], what: str, action: Callable[[str], None]) -> None:
        try:
            action(what)
        except TensorletError as error:
            done.append((what, f"not drawn: {error}"))


def _differentiates_rewrites(graph: Graph) -> bool:
    """Whether a graph has gradients, and an operation that a rewrite has replaced."""
    nodes = graph.nodes()
    rewrites = any(node.written is not None and node.kind != CONSTANT for node in nodes)
    return rewrites and any("gradients" in node.scope.split("/") for node in nodes)


def _traced_as_written(
    trace: Callable[..., None], code: CodeType | None, function: object, *args: Any, **kwargs: Any
) -> tuple[Concrete, dict[str, Any]] | None:
    """Traces a function once more without rewrites, only for the drawing; None if it cannot be traced again.

    The gradients of what is written follow from its own operations, so that undoing the rewrites is not enough.
    """
    call = inspect.signature(trace).bind(Concrete.__new__(Concrete), function, *args, **kwargs)
    call.arguments |= {"first": False, "quiet": True}
    Trace.starts_as_written = True
    try:
        with contextlib.redirect_stdout(io.StringIO()), locals_of(code) as found:
            trace(*call.args, **call.kwargs)
    except TensorletError:  # it makes variables, or needs the value of a constant
        return None
    finally:
        Trace.starts_as_written = False
    return call.arguments["self"], found


def of_model(model: Model) -> Drawing:
    """Returns the drawing of a model, layer by layer."""
    picture = picture_of_model(model)
    return Drawing(render(picture), picture.title)


def _name_inputs(graph: Graph, parameters: list[str], arguments: Iterable[object]) -> None:
    """Names the inputs of a graph after the parameters of the function."""
    names: list[str] = []
    for index, value in enumerate(arguments):
        called = parameters[index] if index < len(parameters) else f"input_{index}"
        leaves = [leaf for leaf in flatten(value) if is_tensor_argument(leaf)]
        names += [called] if len(leaves) == 1 else [f"{called}_{number}" for number in range(len(leaves))]
    if len(names) == len(graph.inputs):
        for node, called in zip(graph.inputs, names, strict=True):
            node.name = called


def of_function(computation: Computation) -> Drawing:
    """Returns the drawing of a traced function, with shapes and without values."""
    return draw(computation, [None] * max(len(computation.graph.inputs), 1), False, False)
