"""What Keras 3 calls the dtypes of a layer."""

from __future__ import annotations

from tensorlet.keras.dtype_policies import DTypePolicy


class HasDtypes:
    """The part of `Layer` with other names of its dtype: weights and computations have the same one."""

    dtype: str
    converts_inputs: bool

    @property
    def compute_dtype(self) -> str:
        """The dtype of the computation; same as `dtype`."""
        return self.dtype

    @property
    def autocast(self) -> bool:
        """Whether inputs of another float dtype are converted to that of the layer."""
        return self.converts_inputs

    @property
    def variable_dtype(self) -> str:
        """The dtype of the weights; same as `dtype`."""
        return self.dtype

    @property
    def dtype_policy(self) -> DTypePolicy:
        """The dtype as a policy."""
        return DTypePolicy(self.dtype)
