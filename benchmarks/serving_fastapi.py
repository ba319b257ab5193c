"""The peer of serving.py: FastAPI with Keras on TensorFlow.

python serving_fastapi.py MODEL PORT      (started by serving.py; needs tensorflow, fastapi and uvicorn)
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import tensorflow as tf
import uvicorn
from fastapi import FastAPI

import keras


def make_app(path: str) -> FastAPI:
    """The application."""
    model = keras.models.load_model(path)
    signature = [tf.TensorSpec((None, *model.inputs[0].shape[1:]), tf.float32)]
    predict = tf.function(lambda rows: model(rows, training=False), input_signature=signature)
    predict(np.zeros((1, *model.inputs[0].shape[1:]), np.float32))
    app = FastAPI()

    @app.post("/predict")
    def answer(body: dict[str, Any]) -> dict[str, Any]:
        rows = np.asarray(body["inputs"]["rows"], np.float32)
        return {"outputs": {"probabilities": predict(rows).numpy().tolist()}}

    return app


if __name__ == "__main__":
    uvicorn.run(make_app(sys.argv[1]), port=int(sys.argv[2]), log_level="warning", access_log=False)
