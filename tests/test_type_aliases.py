"""The names of argument types can also be used at run time, although the package only reads them."""

import typing

from tensorlet import type_aliases


def test_every_name_in_the_table_exists():
    table = [
        line.split("`")[1].split("[")[0]
        for line in type_aliases.__doc__.splitlines()
        if line.startswith("| `")
    ]
    assert {"AnyTensor", "TensorLike", "DTypeLike", "Nested"} <= set(table)
    for name in table:
        assert getattr(type_aliases, name) is not None


def test_nested_takes_a_type():
    assert int in typing.get_args(type_aliases.Nested[int])
