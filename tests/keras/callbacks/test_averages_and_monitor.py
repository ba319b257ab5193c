"""`SwapEMAWeights` by hand-worked averages, and `RemoteMonitor` with a server of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError

X, Y = np.zeros((1, 1), "float32"), np.ones((1, 1), "float32")


def model_with_averages(**options: Any) -> tf.keras.Model:
    """The bias goes half of the way to 1 in each step; its average half of the way to the bias."""
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,), kernel_initializer="zeros")])
    model.compile(tf.keras.optimizers.SGD(0.25, **options), "mse")
    return model


class Seen(tf.keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.biases: list[float] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.biases.append(float(self.model.layers[0].bias[0]))


@pytest.mark.parametrize("on_epoch", [False, True])
def test_averages_are_evaluated_and_weights_return(on_epoch: bool) -> None:
    model, seen = model_with_averages(use_ema=True, ema_momentum=0.5), Seen()
    swap = tf.keras.callbacks.SwapEMAWeights(swap_on_epoch=on_epoch)
    history = model.fit(X, Y, epochs=3, validation_data=(X, Y), callbacks=[swap, seen], verbose=0)
    biases, averages = [0.5, 0.75, 0.875], [0.25, 0.5, 0.6875]
    np.testing.assert_allclose(history.history["loss"], [1.0, 0.25, 0.0625])
    np.testing.assert_allclose(history.history["val_loss"], [(1 - one) ** 2 for one in averages])
    np.testing.assert_allclose(seen.biases, averages if on_epoch else biases)
    assert float(model.layers[0].bias[0]) == averages[-1]  # as the optimizer leaves it


def test_evaluate_and_predict_with_averages() -> None:
    model = model_with_averages(use_ema=True, ema_momentum=0.5)
    model.train_on_batch(X, Y)
    swap = tf.keras.callbacks.SwapEMAWeights()
    assert model.predict(X, callbacks=[swap], verbose=0).tolist() == [[0.25]]
    assert model.evaluate(X, Y, callbacks=[swap], verbose=0) == 0.75**2
    assert model.predict(X, verbose=0).tolist() == [[0.5]]


def test_an_optimizer_without_averages_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match=r"keeps no moving averages.*use_ema=True"):
        model_with_averages().fit(X, Y, callbacks=[tf.keras.callbacks.SwapEMAWeights()], verbose=0)


@pytest.fixture
def server() -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """The address of a server, and the path, kind and body of the requests that it gets."""
    received: list[tuple[str, str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            received.append((self.path, self.headers["Content-Type"], body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}", received
        running.shutdown()
        thread.join()


@pytest.mark.parametrize("as_json", [False, True])
def test_logs_arrive(server: tuple[str, list[tuple[str, str, str]]], as_json: bool) -> None:
    address, received = server
    monitor = tf.keras.callbacks.RemoteMonitor(address, send_as_json=as_json)
    model_with_averages().fit(X, Y, epochs=2, callbacks=[monitor], verbose=0)
    texts = [body if as_json else parse_qs(body)["data"][0] for _, _, body in received]
    assert [json.loads(text) for text in texts] == [{"epoch": 0, "loss": 1.0}, {"epoch": 1, "loss": 0.25}]
    kind = "application/json" if as_json else "application/x-www-form-urlencoded"
    assert {(path, sent) for path, sent, _ in received} == {("/publish/epoch/end/", kind)}


def test_training_goes_on_without_a_server() -> None:
    monitor = tf.keras.callbacks.RemoteMonitor("http://127.0.0.1:1")
    with pytest.warns(UserWarning, match=r"127\.0\.0\.1:1 did not take the logs of epoch 1"):
        model_with_averages().fit(X, Y, callbacks=[monitor], verbose=0)
    with pytest.raises(InvalidArgumentError, match="an address such as"):
        tf.keras.callbacks.RemoteMonitor("localhost:9000")
