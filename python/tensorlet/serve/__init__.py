"""``tensorlet serve``: a trained model answers over HTTP.

Models of `tensorlet train` take rows by the names of their columns, as JSON or CSV; other models take arrays by the
names of their inputs. Concurrent requests are predicted together, and the answers are bitwise those of `predict`.
"""

from __future__ import annotations

try:
    import msgspec as _msgspec  # noqa: F401
    import starlette as _starlette  # noqa: F401
    import uvicorn as _uvicorn  # noqa: F401
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"tensorlet.serve requires starlette, uvicorn and msgspec ({error}). Install them: "
        "pip install 'tensorlet[serve]'"
    ) from error

from tensorlet.serve.app import make_app
from tensorlet.serve.server import serve
from tensorlet.serve.settings import Settings

__all__ = ["Settings", "make_app", "serve"]
