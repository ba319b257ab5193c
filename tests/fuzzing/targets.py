"""The readers, each with whole files to damage."""

from __future__ import annotations

import io
import json
import os
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import silent
from damage import damaged, damaged_json


class Target(NamedTuple):
    """A reader and the files to damage.

    Attributes:
        make: writes whole files into a folder.
        read: reads them, damaged.
        rebuild: damages a file of a folder within its checksums and compressions.
    """

    make: Callable[[Path], None]
    read: Callable[[Path], Any]
    rebuild: Callable[[random.Random, Path, str], None] | None = None


def within(
    rebuild: Callable[[random.Random, str, bytes], bytes],
) -> Callable[[random.Random, Path, str], None]:
    """A way to damage one file of a folder, from one that turns its content into another."""

    def rewrite(rng: random.Random, folder: Path, name: str) -> None:
        (folder / name).write_bytes(rebuild(rng, name, (folder / name).read_bytes()))

    return rewrite


def explained(read: Callable[..., Any], *names: str) -> None:
    """Calls a reader, for each of the names; an error that explains is what a damaged file should give."""
    from tensorlet.errors import TensorletError

    for arguments in [(name,) for name in names] or [()]:
        try:
            read(*arguments)
        except TensorletError as error:
            if not str(error).strip():
                raise AssertionError("an error without a word") from error
            # A reader may have caught what the limit of this process raised; elsewhere there is no limit.
            reason: BaseException | None = error
            while reason is not None:
                if isinstance(reason, MemoryError):
                    raise AssertionError("a damaged file was given a lot of memory") from error
                reason = reason.__cause__ or reason.__context__


def _model() -> Any:
    import tensorlet as tf

    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            layers.Dense(4, activation="relu", input_shape=(3,), name="first"),
            layers.BatchNormalization(name="norm"),
            layers.Dense(2, activation="softmax", name="last"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _trained() -> Any:
    import numpy as np

    model = _model()
    model.fit(np.ones((4, 3), np.float32), np.zeros(4, np.int64), epochs=1, verbose=0)
    return model


def make_idx(folder: Path) -> None:
    import gzip

    header = bytes([0, 0, 8, 3]) + b"".join(n.to_bytes(4, "big") for n in (2, 5, 4))
    (folder / "plain.idx").write_bytes(header + bytes(range(40)))
    (folder / "packed.gz").write_bytes(gzip.compress(header + bytes(range(40))))


def read_idx(folder: Path) -> None:
    from tensorlet.datasets.idx import read_idx as read

    explained(lambda name: read(folder / name, max_bytes=1 << 26), "plain.idx", "packed.gz")


def rebuild_idx(rng: random.Random, name: str, content: bytes) -> bytes:
    import gzip

    return (
        gzip.compress(damaged(rng, gzip.decompress(content)))
        if name.endswith(".gz")
        else damaged(rng, content)
    )


def make_protobuf(folder: Path) -> None:
    from tensorlet.formats.protobuf import Message

    message = (
        Message().varint(1, 300).text(2, "name").packed_floats(3, [1.0, 2.0]).packed_varints(4, [1, 300])
    )
    for _ in range(4):
        message = Message().message(5, message).float64(6, 0.5).fixed32(7, 9).text(2, "outer").varint(1, -1)
    (folder / "message.pb").write_bytes(bytes(message))


def read_protobuf(folder: Path) -> None:
    from tensorlet.formats.protobuf import Reader

    def walk(reader: Any) -> None:
        for question in ("integer", "integers", "float32", "floats", "doubles", "text", "texts", "signed"):
            for field in range(1, 8):
                explained(lambda field=field, question=question: getattr(reader, question)(field))
        for inner in reader.messages(5):
            walk(inner)

    walk(Reader((folder / "message.pb").read_bytes(), "message.pb"))


def make_checkpoint(folder: Path) -> None:
    _trained().save_weights(str(folder / "model"))


def read_checkpoint(folder: Path) -> None:
    import tensorlet as tf

    def everything() -> None:
        reader = tf.train.load_checkpoint(folder / "model")
        for name in reader.get_variable_to_shape_map():
            explained(lambda name=name: reader.get_tensor(name))
        reader.get_variable_to_dtype_map()

    explained(everything)
    explained(lambda: tf.train.latest_checkpoint(folder))
    explained(lambda: tf.train.get_checkpoint_state(folder))
    model = _model()
    status = model.load_weights(str(folder / "model"))
    model.optimizer.build(model.trainable_variables)
    explained(status.assert_consumed)


def rebuild_checkpoint(rng: random.Random, name: str, content: bytes) -> bytes:
    """Damages the index's entries, or the graph in the data, and makes all checksums good again."""
    from tensorlet.formats.crc32c import crc32c, mask
    from tensorlet.formats.sorted_table import read_table, write_table

    if not name.endswith(".index"):
        return damaged(rng, content)
    rows = read_table(content, name)
    for key in rng.sample(sorted(rows), rng.choice((1, 1, 2, 5))):
        value = rows.pop(key)
        new_key = damaged(rng, key) if rng.random() < 0.2 else key
        rows[new_key] = damaged(rng, value) if rng.random() < 0.9 else rng.choice(sorted(rows.values()))
    table = write_table(sorted(rows.items()))
    if rng.random() < 0.3:  # a damaged block with a good checksum
        size = int.from_bytes(table[-48:-40], "little") and len(table) - 48
        block = bytearray(damaged(rng, table[:size]))[: size - 5]
        sealed = bytes(block) + b"\0"
        table = sealed + mask(crc32c(sealed)).to_bytes(4, "little") + table[-48:]
    return table


def make_graph(folder: Path) -> None:
    """A checkpoint that holds nothing but the graph of objects, so that only it is damaged."""
    import tensorlet as tf

    tf.train.Checkpoint(list=[tf.Variable(1.0)], table={"a": tf.Variable([2.0])}, model=_trained()).write(
        folder / "graph"
    )


def read_graph(folder: Path) -> None:
    import tensorlet as tf

    checkpoint = tf.train.Checkpoint(
        list=[tf.Variable(1.0)], table={"a": tf.Variable([2.0])}, model=_model(), later=tf.Module()
    )
    status = checkpoint.restore(str(folder / "graph"))
    checkpoint.model.optimizer.build(checkpoint.model.trainable_variables)
    checkpoint.later.more = [tf.Variable(1.0)]
    explained(status.assert_consumed)
    explained(status.assert_nontrivial_match)


def rebuild_graph(rng: random.Random, folder: Path, name: str) -> None:
    """Writes the checkpoint anew with a damaged graph of objects, all checksums good."""
    from tensorlet.checkpoint.object_graph import GRAPH_KEY
    from tensorlet.formats.tensor_bundle import BundleReader, write_bundle

    reader = BundleReader(folder / "graph")
    tensors = {key: reader.read(key) for key in reader}
    tensors[GRAPH_KEY] = damaged(rng, tensors[GRAPH_KEY])
    write_bundle(folder / "graph", tensors)


def make_safetensors(folder: Path) -> None:
    _trained().save_weights(str(folder / "model.safetensors"))


def read_safetensors(folder: Path) -> None:
    from tensorlet.formats.safetensors import read_safetensors as read

    explained(lambda: read(folder / "model.safetensors"))
    _model().load_weights(str(folder / "model.safetensors"))


def rebuild_safetensors(rng: random.Random, name: str, content: bytes) -> bytes:
    length = int.from_bytes(content[:8], "little")
    header = json.dumps(damaged_json(rng, json.loads(content[8 : 8 + length]))).encode()
    if rng.random() < 0.3:
        header = damaged(rng, header)
    return len(header).to_bytes(8, "little") + header + content[8 + length :]


def make_h5(folder: Path) -> None:
    model = _trained()
    model.save(str(folder / "keras2.h5"))
    model.save(str(folder / "keras3.h5"), dialect="keras3")


def read_h5(folder: Path) -> None:
    import tensorlet as tf

    explained(lambda name: tf.keras.models.load_model(str(folder / name)), "keras2.h5", "keras3.h5")


def rebuild_h5(rng: random.Random, name: str, content: bytes) -> bytes:
    """Damages the configuration, the attributes or the shapes in a file that HDF5 itself finds good."""
    import io

    import h5py
    import numpy as np

    stream = io.BytesIO(content)
    with h5py.File(stream, "r+") as file:
        groups: list[Any] = [file]
        file.visititems(lambda _, thing: groups.append(thing))
        thing = rng.choice(groups)
        configured = [key for key in file.attrs if "config" in key or key == "state"]
        kind = rng.randrange(4)
        if kind <= 1 and configured:
            key = rng.choice(configured)
            text = file.attrs[key]
            value = json.loads(text if isinstance(text, str) else bytes(text))
            file.attrs[key] = json.dumps(damaged_json(rng, value))
        elif kind == 2 and len(thing.attrs):
            key = rng.choice(sorted(thing.attrs))
            thing.attrs[key] = rng.choice(
                [
                    "x",
                    5,
                    np.zeros((0,)),
                    np.array([b"dense", b"norm"]),
                    np.array([b"\xff\xfe"]),
                    np.ones((2, 2)),
                    "",
                ]
            )
        elif thing is not file:
            parent, own = thing.parent, thing.name.rpartition("/")[2]
            del parent[own]
            if rng.random() < 0.8:
                shape = rng.choice([(), (0,), (1,), (4, 3), (3, 4), (2**40,), (2**20, 2**20)])
                dtype = rng.choice(["f4", "f8", "i8", "S5", "c8"])
                chunks = True if np.prod(shape, dtype=object) > 1000 else None
                parent.create_dataset(own, shape=shape, dtype=dtype, chunks=chunks)
    return stream.getvalue()


def make_weights(folder: Path) -> None:
    model = _trained()
    model.save_weights(str(folder / "tree.weights.h5"))
    model.save_weights(str(folder / "legacy.h5"))


def read_weights(folder: Path) -> None:
    explained(lambda name: _model().load_weights(str(folder / name)), "tree.weights.h5", "legacy.h5")
    explained(lambda: _model().load_weights(str(folder / "legacy.h5"), by_name=True))


def make_keras(folder: Path) -> None:
    model = _trained()
    model.save(str(folder / "keras3.keras"))
    model.save(str(folder / "keras2.keras"), dialect="keras2")


def read_keras(folder: Path) -> None:
    import tensorlet as tf

    explained(lambda name: tf.keras.models.load_model(str(folder / name)), "keras3.keras", "keras2.keras")


def rebuild_keras(rng: random.Random, name: str, content: bytes) -> bytes:
    """Damages a member of the zip and packs it again."""
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    member = rng.choice(sorted(members))
    if member.endswith(".json"):
        members[member] = json.dumps(damaged_json(rng, json.loads(members[member]))).encode()
    elif member.endswith(".h5") and rng.random() < 0.7:
        members[member] = rebuild_h5(rng, member, members[member])
    else:
        members[member] = damaged(rng, members[member])
    if rng.random() < 0.2:
        members[rng.choice(("../evil", "/evil", member + "x", "assets/x"))] = rng.randbytes(20)
    if rng.random() < 0.1:
        members[member] = bytes(1 << 24)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for key, value in members.items():
            archive.writestr(key, value)
    packed = out.getvalue()
    return damaged(rng, packed) if rng.random() < 0.2 else packed


def make_png(folder: Path) -> None:
    import numpy as np

    from tensorlet.formats.png import encode

    (folder / "picture.png").write_bytes(encode(np.arange(60, dtype=np.uint8).reshape(5, 4, 3)))


def read_png(folder: Path) -> None:
    from tensorlet.formats.png import decode

    decode((folder / "picture.png").read_bytes(), "picture.png")


def rebuild_png(rng: random.Random, name: str, content: bytes) -> bytes:
    """Chunks with good checksums around damaged contents; rows with any filter."""
    import zlib

    rows = b"".join(bytes([rng.choice((0, 1, 2, 3, 4, 4, 9))]) + rng.randbytes(12) for _ in range(5))
    header = bytearray(content[16:29])
    if rng.random() < 0.6:
        header = bytearray(damaged(rng, bytes(header)))
    parts = [(b"IHDR", bytes(header)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    if rng.random() < 0.3:
        parts.insert(rng.randrange(4), (rng.choice((b"PLTE", b"IDAT", b"tEXt")), rng.randbytes(9)))
    if rng.random() < 0.2:
        parts[1] = (b"IDAT", damaged(rng, parts[1][1]))
    out = content[:8]
    for label, body in parts:
        checksum = zlib.crc32(label + body).to_bytes(4, "big")
        out += len(body).to_bytes(4, "big") + label + body + checksum
    return damaged(rng, out) if rng.random() < 0.1 else out


def make_backup(folder: Path) -> None:
    from tensorlet.keras.saving import backup

    backup.write(str(folder / "backup.h5"), _trained(), 3)


def read_backup(folder: Path) -> None:
    from tensorlet.keras.saving import backup

    backup.restore(str(folder / "backup.h5"), _model())


def make_show(folder: Path) -> None:
    model = _trained()
    for name in ("model.h5", "model.keras"):
        model.save(str(folder / name))
    model.save_weights(str(folder / "checkpoint-of-it"))
    model.save_weights(str(folder / "model.safetensors"))


def read_show(folder: Path) -> None:
    """Looks into files without making models of them."""
    from tensorlet.visualize.file_contents import listing_of_file

    names = ("model.h5", "model.keras", "checkpoint-of-it", "model.safetensors")
    explained(lambda name: listing_of_file(str(folder / name)), *names)


def rebuild_show(rng: random.Random, name: str, content: bytes) -> bytes:
    if name.endswith(".h5"):
        return rebuild_h5(rng, name, content)
    if name.endswith(".keras"):
        return rebuild_keras(rng, name, content)
    if name.endswith(".safetensors"):
        return rebuild_safetensors(rng, name, content)
    return rebuild_checkpoint(rng, name, content)


def make_pickled(folder: Path) -> None:
    import pickle

    import numpy as np

    lists = np.empty(3, object)
    lists[:] = [[1, 2, 300], [4], [70000, 5]]
    data = {b"data": np.arange(12, dtype=np.uint8).reshape(3, 4), b"labels": [1, 2, 3], "names": ["a", "b"]}
    for protocol in range(5):
        (folder / f"batch{protocol}").write_bytes(pickle.dumps(data, protocol))
    np.savez(folder / "lists.npz", x=lists, y=np.arange(3))


def read_pickled_files(folder: Path) -> None:
    from tensorlet.formats.pickled_arrays import read_pickled
    from tensorlet.keras.datasets.cached_files import arrays_of

    explained(
        lambda name: read_pickled((folder / name).read_bytes(), name), *(f"batch{one}" for one in range(5))
    )
    explained(lambda name: arrays_of(folder / name, ("x", "y")), "lists.npz")


def rebuild_pickled(rng: random.Random, name: str, content: bytes) -> bytes:
    """Damages the array within the compression and the checksums of its archive."""
    if not name.endswith(".npz"):
        return damaged(rng, content)
    read, written = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in read.namelist():
            archive.writestr(entry, damaged(rng, read.read(entry)))
    return written.getvalue()


def make_bad(folder: Path) -> None:
    (folder / "file").write_bytes(bytes(100))


def read_bad(folder: Path) -> None:
    """A reader that does what none must, so that the tests can see that it is noticed."""
    1 / int((folder / "file").stat().st_size == 100)


TARGETS = {
    "idx": Target(make_idx, read_idx, within(rebuild_idx)),
    "protobuf": Target(make_protobuf, read_protobuf),
    "checkpoint": Target(make_checkpoint, read_checkpoint, within(rebuild_checkpoint)),
    "graph": Target(make_graph, read_graph, rebuild_graph),
    "png": Target(make_png, read_png, within(rebuild_png)),
    "safetensors": Target(make_safetensors, read_safetensors, within(rebuild_safetensors)),
    "weights": Target(make_weights, read_weights, within(rebuild_h5)),
    "h5": Target(make_h5, read_h5, within(rebuild_h5)),
    "backup": Target(make_backup, read_backup, within(rebuild_h5)),
    "show": Target(make_show, read_show, within(rebuild_show)),
    "pickled": Target(make_pickled, read_pickled_files, within(rebuild_pickled)),
    "keras": Target(make_keras, read_keras, within(rebuild_keras)),
}
# Files within whose checksums nothing is damaged: what they hold is compared with what was saved.
for _kind, (_make, _load) in silent.KINDS.items():
    TARGETS[f"silent {_kind}"] = Target(_make, silent.checked(_load))
if os.environ.get("TENSORLET_FUZZ_BAD_READER"):
    TARGETS["bad"] = Target(make_bad, read_bad)
