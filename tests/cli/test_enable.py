"""`tensorlet enable` and `tensorlet disable`, in a virtual environment made for the test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

import tensorlet
from tensorlet.cli import disable, enable

#: The folder that has the package, and that of NumPy and the like.
SOURCES = Path(tensorlet.__file__).parents[1]
LIBRARIES = sysconfig.get_paths()["purelib"]
PROGRAM = (
    "import tensorflow as tf, keras; from keras import layers; "
    "print(tf.__name__, keras.__name__, layers.Dense(2).units)"
)


class Environment:
    """A virtual environment in which Tensorlet can be imported."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=False, symlinks=True)
        self.python = folder / "bin" / "python"
        self.packages = Path(
            self.run("-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])").stdout.strip()
        )
        (self.packages / "sources.pth").write_text(f"{SOURCES}\n")
        # Only what Tensorlet needs: TensorFlow may be installed beside the tests.
        links = self.packages / "links"
        links.mkdir()
        for name in ("numpy", "numpy.libs", "h5py", "h5py.libs"):
            if Path(LIBRARIES, name).exists():
                (links / name).symlink_to(Path(LIBRARIES, name))
        (self.packages / "links.pth").write_text("links\n")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
        settings = {name: value for name, value in os.environ.items() if name not in hidden}
        return subprocess.run(
            [self.python, *words], env=settings, capture_output=True, text=True, timeout=120
        )

    def tensorlet(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "tensorlet", *words)

    def files(self) -> list[str]:
        return sorted(path.name for path in self.packages.iterdir() if path.name.startswith("tensorlet"))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("venv") / "한글 env")


def test_enable_and_disable(environment: Environment) -> None:
    assert environment.run("-c", PROGRAM).returncode == 1  # no module named tensorflow
    done = environment.tensorlet("enable")
    assert done.returncode == 0, done.stderr
    assert "now mean Tensorlet in" in done.stdout and "tensorlet disable" in done.stdout
    assert environment.files() == ["tensorlet_enabled", "tensorlet_enabled.pth"]
    for program in (PROGRAM, PROGRAM.replace("tensorflow as tf, keras", "keras, tensorflow as tf")):
        done = environment.run("-c", program)
        assert done.stdout == "tensorlet tensorlet.keras 2\n", done.stderr
    done = environment.run(
        "-W", "error", "-c", "from tensorflow.keras.layers import Dense; print(Dense.__module__)"
    )
    assert done.stdout.startswith("tensorlet."), done.stderr
    assert environment.tensorlet("enable").returncode == 0  # again: the same
    done = environment.tensorlet("disable")
    assert done.returncode == 0 and "no longer mean Tensorlet" in done.stdout
    assert environment.files() == []
    assert "No module named 'tensorflow'" in environment.run("-c", PROGRAM).stderr
    done = environment.tensorlet("disable")
    assert done.returncode == 0 and done.stdout.startswith("Nothing to do")


def test_nothing_is_imported_before_a_program_asks(environment: Environment) -> None:
    environment.tensorlet("enable")
    try:
        program = "import sys; print([name for name in sys.modules if 'tensor' in name or 'keras' in name])"
        assert environment.run("-c", program).stdout == "[]\n"
    finally:
        environment.tensorlet("disable")


def test_installed_packages_are_left_alone_unless_forced(environment: Environment) -> None:
    theirs = environment.packages / "keras"
    theirs.mkdir()
    (theirs / "__init__.py").write_text("name = 'theirs'\n")
    try:
        done = environment.tensorlet("enable")
        assert done.returncode == 1 and not environment.files()
        assert "installed here already: keras (" in done.stderr and "pip uninstall keras" in done.stderr
        done = environment.tensorlet("enable", "--force")
        assert done.returncode == 0, done.stderr
        assert environment.run("-c", PROGRAM).stdout == "tensorlet tensorlet.keras 2\n"
        environment.tensorlet("disable")
        assert environment.run("-c", "import keras; print(keras.name)").stdout == "theirs\n"
    finally:
        environment.tensorlet("disable")
        shutil.rmtree(theirs)


def test_an_installed_package_comes_first_without_force(environment: Environment) -> None:
    """TensorFlow that is installed later is not hidden."""
    environment.tensorlet("enable")
    (environment.packages / "tensorflow.py").write_text("name = 'theirs'\n")
    try:
        done = environment.run("-c", "import tensorflow; print(tensorflow.name)")
        assert done.stdout == "theirs\n", done.stderr
    finally:
        (environment.packages / "tensorflow.py").unlink()
        environment.tensorlet("disable")


def test_outside_of_a_virtual_environment_it_refuses(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.setattr(enable, "site_packages", lambda: tmp_path)
    assert enable.main([]) == 1
    assert "not in a virtual environment" in capsys.readouterr().err and not list(tmp_path.iterdir())
    assert enable.main(["--force"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tensorlet_enabled", "tensorlet_enabled.pth"]


def test_wrong_arguments_and_folders_are_explained(tmp_path, monkeypatch, capsys) -> None:
    assert enable.main(["--now"]) == 2 and disable.main(["x"]) == 2
    errors = capsys.readouterr().err
    assert (
        "expected no arguments, or --force, but got --now" in errors and "tensorlet disable --help" in errors
    )
    for command in (enable, disable):
        assert command.main(["--help"]) == 0
        assert capsys.readouterr().out.startswith("usage: tensorlet ")
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(enable, "site_packages", lambda: tmp_path / "file")
    assert enable.main(["--force"]) == 1
    assert "tensorlet enable: " in capsys.readouterr().err
