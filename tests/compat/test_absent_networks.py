"""Names of pretrained networks, and members of models that KerasTuner reads."""

from __future__ import annotations

import pytest

import tensorlet as tf
from tensorlet.errors import UnknownModuleError, UnknownNameError


def test_networks_can_be_named_but_not_called() -> None:
    network = tf.keras.applications.efficientnet.EfficientNetB0
    assert (
        repr(network) == "<tf.keras.applications.efficientnet.EfficientNetB0, which is not part of Tensorlet>"
    )
    with pytest.raises(
        UnknownNameError, match=r"EfficientNetB0 is not part of Tensorlet\. .* no pretrained networks"
    ):
        network(weights=None)
    with pytest.raises(UnknownModuleError, match="no pretrained networks"):
        from tensorlet.keras.applications import VGG16  # noqa: F401
    assert not hasattr(network, "__wrapped__")


def test_star_imports_bring_them_as_keras_tuner_expects() -> None:
    scope: dict[str, object] = {}
    exec("from tensorlet.keras import *", scope)
    assert "applications" in scope
    assert scope["layers"] is tf.keras.layers
    assert "applications" not in dir(tf.keras)


def test_models_have_the_strategy_of_one_replica() -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    assert model.distribute_strategy is tf.distribute.get_strategy()
    assert model.distribute_strategy.num_replicas_in_sync == 1
    strategy = tf.distribute.MirroredStrategy()
    with strategy.scope():
        assert model.distribute_strategy is strategy
    assert not strategy.extended._in_multi_worker_mode()
