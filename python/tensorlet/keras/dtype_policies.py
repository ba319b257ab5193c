"""Dtype policies: the dtypes in which a layer stores its weights and computes.

Weights and arithmetic have one dtype here, float32 or float64. A policy that asks for float16 or bfloat16 is
accepted, but the computation uses float32, which is at least as precise; a warning says so once.
"""

from __future__ import annotations

from typing import Any

from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError, warn_user

#: Policies with two dtypes: name -> the dtype of the computation; weights are float32.
_MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}
_told: set[str] = set()


class DTypePolicy:
    """A dtype policy.

    Args:
        name: a float dtype such as ``"float32"``, or ``"mixed_float16"`` or ``"mixed_bfloat16"``.

    Attributes:
        name: the name of the policy.
        variable_dtype: the dtype of the weights.
        compute_dtype: the dtype that the policy asks for in computations; see the module.

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
                f"Unknown dtype policy {self.name!r}. Expected one of: float32, float64, mixed_float16, "
                "mixed_bfloat16."
            )
        self.compute_dtype = _MIXED.get(self.name, self.name)
        self.variable_dtype = "float32" if self.name in _MIXED else self.name

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that recreate the policy."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        """Creates a policy from its configuration."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


def get(identifier: object) -> DTypePolicy:
    """Returns the policy for a name, a dtype, a configuration or a policy."""
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        config = identifier.get("config", identifier)
        return DTypePolicy(config["name"] if isinstance(config, dict) else config)
    name = getattr(identifier, "name", identifier)
    return DTypePolicy(name if isinstance(name, str) else as_dtype(name).name)


def serialize(dtype_policy: DTypePolicy) -> dict[str, Any]:
    """Returns the configuration of a policy, in the format of Keras 3."""
    return {
        "module": "keras", "class_name": "DTypePolicy", "config": dtype_policy.get_config(), "registered_name": None,
    }  # fmt: skip


deserialize = get


def dtype_of(identifier: object) -> str:
    """Returns the dtype in which a layer with this policy stores its weights and computes; warns if it is wider.

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
            f"The dtype policy '{policy.name}' asks for computations in {policy.compute_dtype}. They use float32, "
            "which is at least as precise. Losses need no scaling, and tensors no casts."
        )
    return "float32"
