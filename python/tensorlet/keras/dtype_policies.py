"""Dtype policies: in which dtypes a layer keeps its weights and computes.

Weights and arithmetic have one dtype here, float32 or float64. A policy that asks for float16 or bfloat16 is
accepted: the arithmetic is done in float32, which is at least as exact, and a note says so once.
"""

from __future__ import annotations

from typing import Any

from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError, warn_user

#: Policies of two dtypes: name -> that of the arithmetic; weights are float32.
_MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}
_told: set[str] = set()


class DTypePolicy:
    """A dtype policy.

    Args:
        name: a float dtype such as ``"float32"``, or ``"mixed_float16"`` or ``"mixed_bfloat16"``.

    Attributes:
        name: the same.
        variable_dtype: the dtype of the weights.
        compute_dtype: the dtype that the policy asks for in the arithmetic; see the module.

    Raises:
        InvalidArgumentError: for any other name.

    >>> import tensorlet as tf
    >>> tf.keras.mixed_precision.Policy("float32")
    <DTypePolicy "float32">
    """

    def __init__(self, name: object) -> None:
        self.name = str(getattr(name, "name", name))
        if self.name not in (*_MIXED, "float16", "bfloat16", "float32", "float64"):
            raise InvalidArgumentError(
                f"There is no dtype policy {self.name!r}. Expected one of: float32, float64, mixed_float16, "
                "mixed_bfloat16."
            )
        self.compute_dtype = _MIXED.get(self.name, self.name)
        self.variable_dtype = "float32" if self.name in _MIXED else self.name

    def get_config(self) -> dict[str, Any]:
        """The name, as `from_config` takes it."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        """The policy of a configuration."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


def get(identifier: object) -> DTypePolicy:
    """The policy of a name, a dtype, a configuration or a policy."""
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        config = identifier.get("config", identifier)
        return DTypePolicy(config["name"] if isinstance(config, dict) else config)
    name = getattr(identifier, "name", identifier)
    return DTypePolicy(name if isinstance(name, str) else as_dtype(name).name)


def serialize(dtype_policy: DTypePolicy) -> dict[str, Any]:
    """A policy as a configuration, in the form of Keras 3."""
    return {
        "module": "keras", "class_name": "DTypePolicy", "config": dtype_policy.get_config(), "registered_name": None,
    }  # fmt: skip


deserialize = get


def dtype_of(identifier: object) -> str:
    """The dtype of a layer with such a policy, in which it keeps its weights and computes; tells of narrower ones.

    >>> dtype_of("float64")
    'float64'
    """
    if not isinstance(identifier, DTypePolicy | dict) and identifier not in ("bfloat16", *_MIXED):
        return as_dtype(identifier).name
    policy = get(identifier)
    if policy.name == "float16" or policy.variable_dtype == policy.compute_dtype != "bfloat16":
        return policy.variable_dtype
    if policy.name not in _told:
        _told.add(policy.name)
        warn_user(
            f"The dtype policy '{policy.name}' asks for arithmetic in {policy.compute_dtype}; it is done in float32, "
            "which is at least as exact. Nothing needs to be scaled or cast."
        )
    return "float32"
