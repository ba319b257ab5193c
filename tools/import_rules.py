"""The order of the rooms, and the reasons for imports inside functions; `check_imports` reads both."""

from __future__ import annotations

#: Each room's parts in rows, from the bottom up. A part may import only from the rows below its own.
ROOMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "tensorlet": (
        ("_index", "_native", "errors", "numpy_threads", "type_aliases"),
        ("engine", "extensions", "registry", "settings"),
        ("debug",),
        ("dtypes", "formats"),
        ("ops",),
        ("graph",),
        ("backends",),
        ("core",),
        ("checkpoint", "data", "datasets", "preprocessing", "summary"),
        ("keras",),
        ("plots",),
        ("export", "visualize"),
        ("compat",),
        ("api",),
        ("__init__",),
        ("demo",),
        ("cli",),
        ("__main__",),
    ),
    "tensorlet.keras": (
        ("config", "naming", "providers"),
        ("registry",),
        ("lazy",),
        ("activations", "constraints", "initializers", "regularizers"),
        ("losses", "optimizers"),
        ("metrics",),
        ("layers",),
        ("training",),
        ("models",),
        ("callbacks",),
        ("saving",),
        ("utils",),
        ("backend", "datasets", "preprocessing", "wrappers"),
    ),
    "tensorlet.keras.training": (("data_adapter",), ("step",), ("report",), ("loop",), ("predictor",), ("trainer",)),
}

#: (file or folder, imported module) -> why the import stands inside a function. ``*`` stands for every file.
LATE_IMPORTS: dict[tuple[str, str], str] = {}
