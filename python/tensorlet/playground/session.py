"""What one page does: its data, its networks, and the commands that it sends. It knows nothing of the web."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tensorlet.playground import perceptron
from tensorlet.playground.dataset import Dataset, make_dataset
from tensorlet.playground.digits import Digits
from tensorlet.playground.errors import PlaygroundError
from tensorlet.playground.frames import encode
from tensorlet.playground.graph import explain_row
from tensorlet.playground.program import formula_lines, keras_program, points_file
from tensorlet.playground.rate_finder import find_rate
from tensorlet.playground.run import Run
from tensorlet.playground.settings import Settings, read_settings
from tensorlet.playground.tables import Table, read_table
from tensorlet.playground.views import Snapshot, Viewer, read_view, records_since, snapshot_of

#: The points that are sent to the page to be drawn.
MOST_POINTS_DRAWN = 2000
#: How long the networks train between two looks at new commands, in seconds, and each of them at least.
TURN, SHORTEST_TURN = 0.025, 0.01
FORMATS = ("keras", "h5", "onnx", "py", "program", "npz")

Reply = dict[str, Any]


class Session:
    """The state of one page.

    `do` and `advance` are called by one thread, `frame` by any other.

    Attributes:
        playing: whether the networks train.
        speed: the largest number of epochs a second; 0 for as many as possible.
        failure: an error that stopped the training, if any.
        changed: called after each change that a frame would show.
    """

    def __init__(self) -> None:
        self.settings = Settings()
        self.table: Table | None = None
        self.playing = False
        self.speed = 0.0
        self.failure = ""
        self.changed: Callable[[], None] = lambda: None
        self.digits = Digits()
        self._number = 0
        self._due = 0.0
        self._drawing = threading.Lock()
        self._shown: tuple[int, list[Snapshot], list[Viewer]] = (0, [], [])
        self._commands: dict[str, Callable[[Reply], Reply]] = {
            "configure": self._configure,
            "play": self._play,
            "pause": self._pause,
            "step": self._step,
            "epoch": self._epoch,
            "reset": self._reset,
            "back": self._back,
            "speed": self._speed,
            "find_rate": self._find_rate,
            "program": self._program,
            "explain": self._explain,
            "perceptron": perceptron.answer,
            **{f"digits_{name}": command for name, command in self.digits.commands().items()},
        }
        self._data, self._runs, self._viewers = self._made(self.settings)
        self._publish()

    def do(self, name: str, arguments: Reply) -> Reply:
        """Carries out a command of the page.

        Args:
            name: the command.
            arguments: its arguments, as they came.

        Raises:
            PlaygroundError: for an unknown command, or arguments that cannot be used; nothing has changed then.

        >>> session = Session()
        >>> session.do("epoch", {})["epoch"]
        1
        """
        command = self._commands.get(name)
        if command is None or not isinstance(arguments, dict):
            raise PlaygroundError("command", f"The command {name[:40]!r} is not known.", name=name[:40])
        reply = command(arguments)
        self.changed()
        return reply

    def advance(self) -> bool:
        """Trains for a moment if the page plays; returns whether anything was done."""
        if self.digits.advance():
            self.changed()
            return True
        if not self.playing:
            return False
        now = time.monotonic()
        if self.speed and now < self._due:
            return False
        self._due = max(self._due, now - 0.5 / self.speed) + 1 / self.speed if self.speed else now
        self._train(1 if self.speed else None)
        self.changed()
        return True

    @property
    def busy(self) -> bool:
        """Whether `advance` has something to do, now or soon."""
        return self.playing or self.digits.training

    def _train(self, epochs: int | None) -> None:
        """Trains all networks to the same epoch: for about `TURN` seconds unless the number of epochs is given."""
        able = [run for run in self._runs if not run.problem]
        if not able:
            self.playing = False
            return
        slowest = max(able, key=lambda run: run.seconds_per_epoch)
        if epochs is None:
            slowest.advance(max(TURN / len(able), SHORTEST_TURN))
            goal = max(run.epoch for run in able)
        else:
            goal = max(run.epoch for run in able) + epochs
        for run in able:
            while run.epoch < goal and not run.problem:
                run.advance(1e9, most=goal - run.epoch)
        self._publish()

    def frame(self, request: Reply) -> bytes:
        """Returns what the page asked to see, as a binary message (see `frames`).

        Args:
            request: ``view`` (see `views.View`); ``network``, the one of the networks side by side whose units and
                weights are sent; ``seen``, the generation and the number of rows of each history that the page has.
        """
        with self._drawing:
            number, snapshots, viewers = self._shown
            seen = request.get("seen")
            seen = seen if isinstance(seen, list) and all(isinstance(one, list) for one in seen) else []
            arrays: list[tuple[str, np.ndarray]] = []
            runs = []
            for place, (snapshot, viewer) in enumerate(zip(snapshots, viewers, strict=True)):
                view = read_view(request.get("view"), viewer.data.x.shape[1])
                if place != request.get("network", 0):
                    view = replace(view, units=False, weights=False, gradients=False)
                first, rows = records_since(snapshot, seen[place] if place < len(seen) else [])
                found = [*viewer.arrays(snapshot, view), ("records", np.nan_to_num(rows, nan=-1, posinf=-1))]
                arrays += [(f"{place}.{name}", array) for name, array in found]
                runs.append(
                    {
                        "epoch": snapshot.epoch,
                        "batch": snapshot.batch,
                        "problem": snapshot.problem,
                        "generation": snapshot.generation,
                        "first": first,
                    }
                )
            header = {
                "number": number,
                "runs": runs,
                "playing": self.playing,
                "failure": self.failure,
                "digits": self.digits.progress(),
            }
            return encode(header, arrays)

    def load_table(self, content: bytes) -> Reply:
        """Reads a CSV file; returns the names of its columns. It is used when the settings ask for a table."""
        self.table = read_table(content)
        return {"names": self.table.names, "numeric": self.table.numeric, "rows": len(self.table.cells)}

    def download(self, kind: str, number: int = 0) -> tuple[bytes, str]:
        """Returns the contents and the name of a file: a model, the program, or the points.

        Args:
            kind: one of `FORMATS`: "keras", "h5", "onnx" and "py" (NumPy only) are models.
            number: which of the networks side by side.
        """
        if kind not in FORMATS or not 0 <= number < len(self._runs):
            raise PlaygroundError(
                "download", f"There is no file {kind[:20]!r} of network {number}.", kind=kind[:20]
            )
        run = self._runs[number]
        if kind == "program":
            return self._program_of(run).encode(), "program.py"
        with TemporaryDirectory() as folder:
            name = "points.npz" if kind == "npz" else f"model.{kind}"
            path = Path(folder) / name
            if kind == "npz":
                x, y = points_file(self.settings.data, self.table)
                np.savez(path, x=x, y=y)
            else:
                run.save(str(path))
            return path.read_bytes(), name

    def _made(self, settings: Settings) -> tuple[Dataset, list[Run], list[Viewer]]:
        data = make_dataset(settings.data, self.table)
        networks = settings.networks()
        viewers = [Viewer(network, data) for network in networks]
        return data, [Run(network, data) for network in networks], viewers

    def _publish(self) -> None:
        self._shown = (self._number, [snapshot_of(run) for run in self._runs], self._viewers)

    def _configure(self, arguments: Reply) -> Reply:
        settings = read_settings(arguments.get("settings", {}))
        self._data, self._runs, self._viewers = self._made(settings)
        self.settings = settings
        self.playing, self.failure = False, ""
        self._number += 1
        self._publish()
        return self._described()

    def _described(self) -> Reply:
        data = self._data
        shown = np.linspace(0, len(data.x) - 1, min(len(data.x), MOST_POINTS_DRAWN)).astype(int)
        return {
            "number": self._number,
            "settings": self.settings.as_dict(),
            "points": data.x[shown].tolist(),
            "labels": data.y[shown].tolist(),
            "training": (shown < data.training).tolist(),
            "rows": [data.training, len(data.x) - data.training],
            "columns": data.columns,
            "classes": data.classes,
            "boxes": [[data.box(i, j) for j in range(len(data.columns))] for i in range(len(data.columns))],
            "networks": [self._network(run) for run in self._runs],
            "table": None
            if self.table is None
            else {"names": self.table.names, "numeric": self.table.numeric},
        }

    def _network(self, run: Run) -> Reply:
        output = run.output
        return {
            "formula": formula_lines(run.settings, self._data.x.shape[1], output),
            "parameters": run.trained().count_params(),
            "output": output._asdict(),
            "batches": run.batches,
        }

    def _program_of(self, run: Run) -> str:
        return keras_program(self.settings.data, run.settings, self._data, max(run.epoch, 1), self.table)

    def _status(self) -> Reply:
        return {"epoch": self._runs[0].epoch, "batch": self._runs[0].batch, "playing": self.playing}

    def _play(self, arguments: Reply) -> Reply:
        self.playing = True
        self._due = 0.0
        return self._status()

    def _pause(self, arguments: Reply) -> Reply:
        self.playing = False
        return self._status()

    def _step(self, arguments: Reply) -> Reply:
        self.playing = False
        for run in self._runs:
            run.step()
        self._publish()
        return self._status()

    def _epoch(self, arguments: Reply) -> Reply:
        self.playing = False
        self._train(1)
        return self._status()

    def _reset(self, arguments: Reply) -> Reply:
        self.playing = False
        for run in self._runs:
            run.go_back(0)
        self._publish()
        return self._status()

    def _back(self, arguments: Reply) -> Reply:
        epoch = arguments.get("epoch")
        if not isinstance(epoch, int) or isinstance(epoch, bool) or epoch < 0:
            raise PlaygroundError("epoch", f"The epoch is {epoch!r}, expected an integer of at least 0.")
        self.playing = False
        able = [run for run in self._runs if not run.problem or run.epoch > epoch]
        reached = min((run.go_back(epoch) for run in able), default=0)
        for run in able:  # networks side by side stay at the same epoch
            if run.epoch > reached:
                run.go_back(reached)
        self._publish()
        return self._status()

    def _speed(self, arguments: Reply) -> Reply:
        speed = arguments.get("speed", 0)
        if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 <= speed <= 1000:
            raise PlaygroundError("speed", f"The speed is {speed!r}, expected a number from 0 to 1000.")
        self.speed = float(speed)
        return self._status()

    def _find_rate(self, arguments: Reply) -> Reply:
        self.playing = False
        return find_rate(self.settings.network, self._data)._asdict()

    def _program(self, arguments: Reply) -> Reply:
        return {"programs": [self._program_of(run) for run in self._runs]}

    def _explain(self, arguments: Reply) -> Reply:
        return explain_row(self._runs[self._chosen(arguments)], arguments)

    def _chosen(self, arguments: Reply) -> int:
        """The one of the networks side by side that a command is about."""
        number = arguments.get("network", 0)
        return number if type(number) is int and 0 <= number < len(self._runs) else 0
