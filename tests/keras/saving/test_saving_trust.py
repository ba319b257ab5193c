"""A model's file is data: damaged and hostile files get a clear error, and saving never loses a file."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import saved_model_cases as cases
from golden_files import GOLDEN_FOLDER

import tensorlet as tf
from tensorlet.errors import FileFormatError, TensorletError
from tensorlet.formats.checksums import CHECKSUMS, MARK

layers = tf.keras.layers
GOLDEN = GOLDEN_FOLDER / "files" / "models"
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")


@pytest.fixture
def saved(tmp_path: Path) -> Any:
    """A model in all kinds of files."""
    model = cases.sequential(tf.keras)
    cases.train(model, "sequential", 1)
    for name in ("m.h5", "m.keras"):
        model.save(tmp_path / name)
    for name in ("w.weights.h5", "w.h5"):
        model.save_weights(tmp_path / name)
    return model


def load(path: Path) -> Any:
    if path.name.startswith("w"):
        model = cases.sequential(tf.keras)
        model.load_weights(path)
        return model
    return tf.keras.models.load_model(path)


NAMES = ["m.h5", "m.keras", "w.weights.h5", "w.h5"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("part", [0.0, 0.001, 0.3, 0.7, 0.99])
def test_a_truncated_file_is_named(saved: Any, tmp_path: Path, name: str, part: float) -> None:
    path = tmp_path / name
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content))])
    with pytest.raises(FileFormatError, match=name.replace(".", r"\.")):
        load(path)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*starts with a new state:UserWarning")
@pytest.mark.parametrize("name", NAMES)
def test_changed_bytes_never_crash(saved: Any, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    content = path.read_bytes()
    draw = np.random.default_rng(5)
    for _ in range(60):
        changed = bytearray(content)
        for place in draw.integers(0, len(content), 3):
            changed[place] ^= 1 << int(draw.integers(8))
        path.write_bytes(changed)
        try:
            load(path)
        except TensorletError as error:
            assert name in str(error)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 no zip", b"\x89HDF\r\n\x1a\n no hdf5"])
@pytest.mark.parametrize("name", NAMES)
def test_other_files_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileFormatError, match=name.replace(".", r"\.")):
        load(tmp_path / name)


def test_a_missing_file_is_two_kinds_of_error(saved: Any, tmp_path: Path) -> None:
    for error in (FileNotFoundError, ValueError):
        with pytest.raises(error, match=r"no file.*modle\.h5.*Did you mean 'm\.h5'|no file.*modle\.h5"):
            tf.keras.models.load_model(tmp_path / "modle.h5")
        with pytest.raises(error, match="does not exist"):
            saved.load_weights(tmp_path / "none" / "w.weights.h5")


def test_weights_are_no_model(saved: Any, tmp_path: Path) -> None:
    for name in ("w.h5", "w.weights.h5"):
        with pytest.raises(FileFormatError, match="contains only weights, not the model"):
            tf.keras.models.load_model(tmp_path / name)


def test_a_model_of_another_form_is_explained(saved: Any, tmp_path: Path) -> None:
    other = tf.keras.Sequential([layers.Dense(7, input_shape=(5,))])
    before = other.get_weights()
    with pytest.raises(FileFormatError, match=r"w\.weights\.h5.*Dense.*the model has weights in"):
        other.load_weights(tmp_path / "w.weights.h5")
    with pytest.raises(FileFormatError, match=r"w\.h5.*3 layers.*1 layers"):
        other.load_weights(tmp_path / "w.h5")
    for one, same in zip(other.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, same)


def rewritten(path: Path, config: Any = None, **files: bytes) -> None:
    """Changes the configuration of a ``.keras`` file, or adds files to it."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    if config is not None:
        content["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, one in (content | files).items():
            archive.writestr(name, one)


def config_of(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("config.json"))


LAMBDAS = [
    {
        "module": "keras.layers",
        "class_name": "Lambda",
        "config": {"name": "l", "function": ["4wEAAAA=", None, None]},
    },
    {
        "class_name": "Dense",
        "config": {"units": 1, "activation": {"class_name": "__lambda__", "config": {"value": "4wEAAAA="}}},
    },
]


@pytest.mark.parametrize("hostile", LAMBDAS)
def test_code_in_a_file_is_never_run(saved: Any, tmp_path: Path, hostile: Any) -> None:
    config = config_of(tmp_path / "m.keras")
    config["config"]["layers"].append(hostile)
    rewritten(tmp_path / "m.keras", config)
    with h5py.File(tmp_path / "m.h5", "r+") as file:
        described = json.loads(file.attrs["model_config"])
        described["config"]["layers"].append(hostile)
        file.attrs["model_config"] = json.dumps(described)
        for name in (CHECKSUMS, MARK):
            del file.attrs[name]
    for name in ("m.keras", "m.h5"):
        with pytest.raises(FileFormatError, match="never runs code"):
            tf.keras.models.load_model(tmp_path / name, safe_mode=False)


@pytest.mark.parametrize("module", ["os", "subprocess", "builtins", "tensorlet.keras.callbacks"])
@pytest.mark.parametrize("kind", ["system", "Popen", "eval", "ModelCheckpoint"])
def test_nothing_is_imported_because_a_file_names_it(
    saved: Any, tmp_path: Path, module: str, kind: str
) -> None:
    config = config_of(tmp_path / "m.keras")
    hostile = {"module": module, "class_name": kind, "config": {"args": "x"}, "registered_name": kind}
    config["config"]["layers"].append(hostile)
    rewritten(tmp_path / "m.keras", config)
    with pytest.raises(FileFormatError, match=f"no layer named '{kind}'"):
        tf.keras.models.load_model(tmp_path / "m.keras")


@pytest.mark.parametrize(
    "name", ["../out.txt", "/etc/out.txt", "a/../../out.txt", "..\\out.txt", "C:\\out.txt"]
)
def test_paths_that_lead_out_of_an_archive_are_refused(saved: Any, tmp_path: Path, name: str) -> None:
    rewritten(tmp_path / "m.keras", **{name: b"x"})
    with pytest.raises(FileFormatError, match="leads outside the archive"):
        tf.keras.models.load_model(tmp_path / "m.keras")


def test_a_zip_that_grows_is_refused(saved: Any, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", b" " * (50 << 20))
    with pytest.raises(FileFormatError, match=r"bomb\.keras.*would expand"):
        tf.keras.models.load_model(tmp_path / "bomb.keras")


def test_a_huge_array_that_takes_no_room_is_refused(tmp_path: Path) -> None:
    """HDF5 stores no bytes for an array that was never written: terabytes fit into a small file."""
    from tensorlet.keras.saving.hdf5 import open_hdf5

    content = io.BytesIO()
    with h5py.File(content, "w") as written:
        written.create_dataset("a", shape=(1 << 40,), chunks=(1 << 10,), dtype="f8")
    with (
        pytest.raises(FileFormatError, match=r"some\.h5.*would have 8796093022208 bytes"),
        open_hdf5(content, "some.h5", "weights") as file,
    ):
        file.array("a")


def test_a_text_that_claims_to_be_longer_than_the_file_is_refused(tmp_path: Path) -> None:
    """The HDF5 library would take the memory first, and find out afterwards."""
    for version in ("earliest", "latest"):
        path = tmp_path / f"{version}.h5"
        text = "x" * 1000
        with h5py.File(path, "w", libver=version) as file:
            file.attrs["model_config"] = text
        content = path.read_bytes()
        claimed = len(text).to_bytes(4, "little")
        places = [place for place in range(len(content)) if content[place : place + 4] == claimed]
        refused = 0
        for place in places:
            path.write_bytes(content[:place] + (1 << 31).to_bytes(4, "little") + content[place + 4 :])
            with pytest.raises(FileFormatError, match=version) as caught:
                tf.keras.models.load_model(path)
            refused += "would have 2147483648 bytes" in str(caught.value)
        # Headers of the newer version have a checksum, which is looked at first.
        assert refused == (version == "earliest")


def test_a_configuration_may_not_ask_for_more_weights_than_the_file_holds(saved: Any, tmp_path: Path) -> None:
    config = config_of(tmp_path / "m.keras")
    dense = next(one for one in config["config"]["layers"] if one["class_name"] == "Dense")
    dense["config"]["units"] = 1 << 40
    rewritten(tmp_path / "m.keras", config)
    with pytest.raises(FileFormatError, match="more than the file can contain"):
        tf.keras.models.load_model(tmp_path / "m.keras")


def test_links_to_other_files_are_not_followed(saved: Any, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "w.weights.h5", "r+") as file:
        del file["layers/dense/vars/0"]
        file["layers/dense/vars/0"] = h5py.ExternalLink("w.h5", "dense/dense/kernel:0")
    with pytest.raises(FileFormatError, match="link to another place"):
        load(tmp_path / "w.weights.h5")


def test_groups_in_a_circle_end(saved: Any, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "w.weights.h5", "r+") as file:
        file["layers/again"] = file["layers"]
    with pytest.raises(FileFormatError, match="nested more than"):
        load(tmp_path / "w.weights.h5")


@pytest.mark.parametrize(
    "config",
    [None, [], 5, {}, {"class_name": "Sequential"}, {"class_name": 3, "config": {}},
     {"class_name": "Dense", "config": {"units": 2}},
     {"class_name": "Sequential", "config": {"layers": [{}]}}, {"class_name": "Sequential", "config": {"layers": 3}},
     {"class_name": "Functional", "config": {"layers": [], "input_layers": [["a", 0, 0]], "output_layers": []}},
     {"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense", "config": {"units": "x"}}]}}],
)  # fmt: skip
def test_configurations_that_make_no_sense(saved: Any, tmp_path: Path, config: Any) -> None:
    rewritten(tmp_path / "m.keras", config if config is not None else "text")
    with pytest.raises(FileFormatError, match=r"m\.keras"):
        tf.keras.models.load_model(tmp_path / "m.keras")


def test_deeply_nested_json_is_refused(saved: Any, tmp_path: Path) -> None:
    rewritten(tmp_path / "m.keras", **{"config.json": b"[" * 200_000})
    with pytest.raises(FileFormatError, match=r"m\.keras"):
        tf.keras.models.load_model(tmp_path / "m.keras")


def test_a_saved_model_of_tensorflow_is_named(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"")
    with pytest.raises(FileFormatError, match="SavedModel"):
        tf.keras.models.load_model(tmp_path)


@on_posix
@pytest.mark.slow
def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import resource, sys, pathlib
        import numpy as np
        import tensorlet as tf
        folder = pathlib.Path(sys.argv[1])
        model = tf.keras.Sequential([tf.keras.layers.Dense(100, input_shape=(100,))])
        names = ["m.h5", "m.keras", "w.weights.h5", "w.h5", "w.safetensors"]
        write = lambda name: (model.save if name[0] == "m" else model.save_weights)(folder / name)
        for name in names:
            write(name)
        before = {name: (folder / name).read_bytes() for name in names}
        model.set_weights([weight + 1 for weight in model.get_weights()])
        resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
        for name in names:
            try:
                write(name)
            except OSError as error:
                print(name, error)
            assert (folder / name).read_bytes() == before[name]
        assert sorted(one.name for one in folder.iterdir()) == sorted(names)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 5
    assert all("could not be saved" in line and str(tmp_path) in line for line in lines)


@on_posix
@pytest.mark.slow
def test_killed_while_saving_there_is_always_a_whole_file(tmp_path: Path) -> None:
    """TENSORLET_KILLS=200 tries more moments."""
    script = Path(__file__).with_name("saving_while_killed.py")
    count = os.environ.get("TENSORLET_KILLS", "30")
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path), count], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    assert f"{count} kills: every file is whole" in done.stdout
