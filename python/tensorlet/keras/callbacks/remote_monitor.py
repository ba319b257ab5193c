"""`RemoteMonitor`: sends the logs of each epoch to a server."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from tensorlet.errors import InvalidArgumentError, warn_user
from tensorlet.keras.training.report.callback import Callback
from tensorlet.keras.training.step.metric_tools import numbers
from tensorlet.registry import register

#: Seconds that a server may take to answer.
_TIMEOUT = 10.0


@register("callback")
class RemoteMonitor(Callback):
    """Sends the losses and metrics of each epoch to a server, in a POST request.

    If the server does not answer, a warning says so and training goes on.

    Args:
        root: the address of the server, such as ``"http://localhost:9000"``.
        path: the path on the server.
        field: the name of the form field that holds the data; only without ``send_as_json``.
        headers: more headers of the request.
        send_as_json: whether the body of the request is JSON rather than a form with one field of JSON.

    Raises:
        InvalidArgumentError: if the address does not begin with http:// or https://.

    >>> import tensorlet as tf
    >>> tf.keras.callbacks.RemoteMonitor("http://localhost:9000").path
    '/publish/epoch/end/'
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: Mapping[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        super().__init__()
        if not str(root).startswith(("http://", "https://")):
            raise InvalidArgumentError(
                f"RemoteMonitor: root is {root!r}, but an address such as 'http://localhost:9000' is expected."
            )
        self.root, self.path, self.field = root, path, field
        self.headers = dict(headers or {})
        self.send_as_json = send_as_json

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Sends the number of the epoch and its logs."""
        values = {
            name: getattr(value, "tolist", lambda value=value: value)()
            for name, value in numbers(logs or {}).items()
        }
        text = json.dumps({"epoch": epoch, **values})
        kind = "application/json" if self.send_as_json else "application/x-www-form-urlencoded"
        body = text if self.send_as_json else urlencode({self.field: text})
        request = urllib.request.Request(
            self.root + self.path, body.encode(), {"Content-Type": kind, **self.headers}, method="POST"
        )
        try:
            urllib.request.urlopen(request, timeout=_TIMEOUT).close()
        except (OSError, urllib.error.URLError) as error:
            warn_user(
                f"RemoteMonitor: the server at {self.root} did not take the logs of epoch {epoch + 1}: {error}."
            )
