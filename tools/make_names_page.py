"""Writes ``docs/names.md``: which public names of TensorFlow and Keras are here, and what to use instead of others.

    python tools/make_names_page.py             writes the page of this checkout
    python tools/make_names_page.py --check     checks whether it is up to date; exits with 1 if it is not

The names are in ``tools/peer_names``; `make_peer_names` wrote them with the real packages. Each is looked up in
Tensorlet, and what the page says about a missing one is what the error says.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import tensorlet
from tensorlet.compat import unknown_names
from tensorlet.keras.absent_networks import AbsentNetworks

CHECKOUT = Path(__file__).resolve().parents[1]
PAGE = CHECKOUT / "docs" / "names.md"

#: Namespaces of TensorFlow that are those of Keras under another name.
SAME_AS_KERAS = ("initializers", "losses", "metrics", "optimizers")

#: Names, or namespaces, that do less than in TensorFlow -> what is different.
PARTLY = {
    "tf.as_string": "outside of compiled functions",
    "tf.data.experimental.load": "Tensorlet's own form of saved datasets",
    "tf.data.experimental.save": "Tensorlet's own form of saved datasets",
    "tf.data.experimental.snapshot": "Tensorlet's own form of saved datasets",
    "tf.distribute": "one replica, on the CPU",
    "tf.float16": "for storage; functions with it run on the slow reference backend",
    "tf.half": "for storage; functions with it run on the slow reference backend",
    "tf.io.gfile": "local files",
    "tf.lookup": "outside of compiled functions",
    "tf.numpy_function": "the function around it runs as ordinary Python",
    "tf.profiler.experimental": "accepted; no profile is written",
    "tf.py_function": "the function around it runs as ordinary Python",
    "tf.ragged": "outside of compiled functions",
    "tf.saved_model": "a form of Tensorlet's own",
    "tf.sparse": "outside of compiled functions",
    "tf.strings": "outside of compiled functions",
}

INTRODUCTION = """\
# Names: what is here, and what is not

This page is generated from the public names of TensorFlow 2.15, its Keras 2.15, and Keras 3.15. A tool,
`tools/make_names_page.py`, looks each of them up in Tensorlet. For a name that is missing, the page says what the error
message says.

*Here* means that the name is found. That is no promise about every rarely used argument; where one is not supported,
the error says so. *Partly* means that it does less than the original; the page says what. Functions, classes and
constants are counted, not modules. `tf.compat` and `tf.raw_ops` are left out; old spellings of TensorFlow 1 and
Keras 1 are accepted where they have a counterpart.
"""


class Library(NamedTuple):
    """A list of names: its title, its file in ``tools/peer_names``, and how programs write the package."""

    title: str
    file: str
    prefix: str
    root: str  #: where the names are below ``tf``


LIBRARIES = (
    Library("TensorFlow 2.15", "tensorflow-2.15.txt", "tf", ""),
    Library("Keras 2.15", "keras-2.15.txt", "tf.keras", "keras"),
    Library("Keras 3.15", "keras-3.15.txt", "keras", "keras"),
)


class Name(NamedTuple):
    """One public name: here, partly here with the difference, or missing with advice."""

    path: str
    here: bool
    remark: str


def names_of(library: Library) -> dict[str, list[Name]]:
    """The names of a library by namespace, both sorted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about legacy names
        return _names_of(library)


def _names_of(library: Library) -> dict[str, list[Name]]:
    lines = (CHECKOUT / "tools" / "peer_names" / library.file).read_text(encoding="ascii").split()
    found: dict[str, list[Name]] = {}
    for line in lines:
        if library.root or line.partition(".")[0] not in SAME_AS_KERAS:
            path = f"{library.root}.{line}".strip(".")
            namespace = f"{library.prefix}.{line}".rpartition(".")[0]
            found.setdefault(namespace, []).append(_looked_up(path, f"{library.prefix}.{line}"))
    return dict(sorted(found.items()))


def _looked_up(path: str, written: str) -> Name:
    value: object = tensorlet
    for part in path.split("."):
        try:
            value = getattr(value, part)
        except (AttributeError, ImportError):
            return Name(written, False, advice(path))
        if isinstance(value, AbsentNetworks):
            return Name(written, False, advice(path))
    parents = [written[:end] for end, letter in enumerate(written + ".") if letter == "."]
    return Name(written, True, next((PARTLY[one] for one in reversed(parents) if one in PARTLY), ""))


def advice(path: str) -> str:
    """What the error message says about a missing name, without its first sentence and lists of other names."""
    text = unknown_names.explain(path)
    text = re.sub(r"^tf\.\S+: [^.]*(?:\.[^ .][^.]*)*\.(?: |$)", "", text)
    text = re.sub(r"^tf\.\S+ is not part of Tensorlet\. ?", "", text)
    text = re.sub(r"^(?:Available names:|Did you mean) .*", "", text)
    text = re.sub(r"(?:^| )(?:Similar names: .*|dir\(tf[\w.]*\) lists the available names\.)$", "", text)
    return text.strip()


def page() -> str:
    """The text of the page."""
    tables = {library: names_of(library) for library in LIBRARIES}
    parts = [INTRODUCTION, "\n".join(_summary(tables))]
    for library, namespaces in tables.items():
        parts.append(f"## {library.title}")
        if not library.root:
            same = ", ".join(f"`tf.{name}`" for name in SAME_AS_KERAS)
            parts.append(
                f"{same} are the modules of `tf.keras` under another name, and are not repeated here."
            )
        empty = _missing_modules(namespaces)
        parts += [
            "\n\n".join(_section(namespace, names))
            for namespace, names in namespaces.items()
            if not any(_is_in(namespace, module) for module in empty)
        ]
        parts.append("\n".join(_module_table(empty)))
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _is_in(namespace: str, module: str) -> bool:
    return f"{namespace}.".startswith(f"{module}.")


def _missing_modules(namespaces: dict[str, list[Name]]) -> dict[str, list[Name]]:
    """The modules of which nothing is here, with the names in them and in the modules inside; the outermost ones."""
    inhabited = {namespace for namespace, names in namespaces.items() if any(name.here for name in names)}
    found: dict[str, list[Name]] = {}
    for namespace, names in namespaces.items():
        module = next(
            (outer for outer in _outer(namespace) if not any(_is_in(one, outer) for one in inhabited)), None
        )
        if module is not None:
            found.setdefault(module, []).extend(names)
    return found


def _outer(namespace: str) -> list[str]:
    """A namespace and those around it, the outermost first: tf.data, tf.data.experimental."""
    parts = namespace.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _module_table(modules: dict[str, list[Name]]) -> Iterator[str]:
    yield "### Modules that are missing\n"
    yield "| module | names | instead |"
    yield "| --- | ---: | --- |"
    for module, names in modules.items():
        remarks = [name.remark for name in names if name.remark]
        yield f"| `{module}` | {len(names)} | {max(remarks, key=remarks.count) if remarks else '–'} |"


def _summary(tables: dict[Library, dict[str, list[Name]]]) -> Iterator[str]:
    yield "| | names | here | partly | missing |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for library, namespaces in tables.items():
        names = [name for group in namespaces.values() for name in group]
        partly = sum(name.here and bool(name.remark) for name in names)
        here = sum(name.here for name in names) - partly
        yield f"| {library.title} | {len(names)} | {here} | {partly} | {len(names) - here - partly} |"


def _section(namespace: str, names: list[Name]) -> Iterator[str]:
    here = [name for name in names if name.here]
    yield f"### `{namespace}`: {len(here)} of {len(names)}"
    whole = [name for name in here if not name.remark]
    if whole:
        yield f"<details><summary>{len(whole)} here</summary>\n\n{_listed(whole)}\n\n</details>"
    for here_too, head in ((True, "partly"), (False, "missing")):
        groups: dict[str, list[Name]] = {}
        for name in names:
            if name.here == here_too and (name.remark or not here_too):
                groups.setdefault(name.remark, []).append(name)
        if groups:
            rows = [
                f"| {_listed(group)} | {remark.replace('|', '/') or '–'} |"
                for remark, group in groups.items()
            ]
            title = "what is different" if here_too else "instead"
            yield "\n".join([f"| {head} | {title} |", "| --- | --- |", *rows])


def _listed(names: list[Name]) -> str:
    return ", ".join(f"`{name.path.rpartition('.')[2]}`" for name in names)


def main(arguments: list[str]) -> int:
    """Writes the page, or checks it; returns 1 if it is not up to date."""
    text = page()
    if "--check" in arguments:
        current = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        print(
            "the page of names is up to date" if current == text else "run: python tools/make_names_page.py"
        )
        return int(current != text)
    PAGE.write_text(text, encoding="utf-8")
    print(f"wrote {PAGE.relative_to(CHECKOUT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
