"""Legacy methods of models and legacy arguments of `fit`, `evaluate` and `predict`."""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.compat.deprecation import warn_legacy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Arguments of Keras 1 for `fit` and `fit_generator` that have no equivalent, with advice.
_CHANGED = {
    "nb_val_samples": "It was a number of rows: pass validation_steps, the number of batches.",
    "samples_per_epoch": "It was a number of rows: pass steps_per_epoch, the number of batches: rows // batch_size.",
    "show_accuracy": "Use compile(..., metrics=['accuracy']).",
}
#: Arguments for multiprocessing, which have no effect.
_WITHOUT_EFFECT = frozenset(
    {"max_q_size", "max_queue_size", "nb_worker", "pickle_safe", "use_multiprocessing", "workers"}
)

#: Arguments of `compile` without effect.
_OF_COMPILE = frozenset({"experimental_run_tf_function", "sample_weight_mode", "target_tensors"})


def extend_refuse_unknown(plain: Callable[..., None]) -> Callable[..., None]:
    """Accepts arguments for multiprocessing, and explains those of Keras 1."""

    @functools.wraps(plain)
    def refuse_unknown(method: str, unknown: Mapping[str, object], function: Callable[..., object]) -> None:
        if not unknown:
            return
        for name in sorted(unknown.keys() & _CHANGED.keys()):
            raise TypeError(
                f"{method}() does not take '{name}', which Keras removed in 2017. {_CHANGED[name]}"
            )
        for name in sorted(unknown.keys() & _WITHOUT_EFFECT):
            warn_legacy(f"{method}({name}=...)", f"{method}() without it")
        plain(method, {name: unknown[name] for name in unknown.keys() - _WITHOUT_EFFECT}, function)

    return refuse_unknown


def extend_trainer(trainer: Any) -> Any:
    """Gives models the methods in `LegacyMethods`, and `fit` and `compile` legacy arguments."""
    plain = trainer.fit

    @functools.wraps(plain)
    def fit(self: object, *args: Any, **kwargs: Any) -> Any:
        if "nb_epoch" in kwargs:
            warn_legacy("fit(nb_epoch=...)", "fit(epochs=...)")
            kwargs["epochs"] = kwargs.pop("nb_epoch")
        return plain(self, *args, **kwargs)

    compile_model = trainer.compile

    @functools.wraps(compile_model)
    def compile(self: object, *args: Any, **kwargs: Any) -> None:
        for legacy in sorted(kwargs.keys() & _OF_COMPILE):
            warn_legacy(f"compile({legacy}=...)", "compile() without it")
            del kwargs[legacy]
        compile_model(self, *args, **kwargs)

    trainer.fit, trainer.compile = fit, compile
    for name, method in vars(LegacyMethods).items():
        if not name.startswith("__"):
            setattr(trainer, name, method)
    return trainer


class LegacyMethods:
    """Members of models that were removed from Keras; `extend_trainer` copies them."""

    @property
    def distribute_strategy(self: Any) -> Any:
        """The strategy of `tf.distribute`: one replica. KerasTuner reads it."""
        return importlib.import_module("tensorlet.api.distribute").get_strategy()

    def fit_generator(
        self: Any,
        generator: object,
        steps_per_epoch: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: object = None,
        validation_data: object = None,
        validation_steps: int | None = None,
        **others: Any,
    ) -> Any:
        """A legacy name of `fit` for generators."""
        warn_legacy("fit_generator", "fit")
        return self.fit(
            generator, None, None, epochs, verbose, callbacks, validation_data=validation_data,
            steps_per_epoch=steps_per_epoch, validation_steps=validation_steps, **others,
        )  # fmt: skip

    def evaluate_generator(self: Any, generator: object, steps: int | None = None, **others: Any) -> Any:
        """A legacy name of `evaluate` for generators."""
        warn_legacy("evaluate_generator", "evaluate")
        return self.evaluate(generator, steps=steps, **others)

    def predict_generator(self: Any, generator: object, steps: int | None = None, **others: Any) -> Any:
        """A legacy name of `predict` for generators."""
        warn_legacy("predict_generator", "predict")
        return self.predict(generator, steps=steps, **others)

    def predict_classes(self: Any, x: object, batch_size: int = 32, verbose: str | int = 0) -> np.ndarray:
        """Returns the most probable class of each row; a legacy name of ``argmax(model.predict(x), axis=-1)``."""
        warn_legacy("predict_classes(x)", "argmax(model.predict(x), axis=-1)")
        found = self.predict(x, batch_size=batch_size, verbose=verbose)
        if found.shape[-1] > 1:
            return np.asarray(found.argmax(axis=-1))
        return np.asarray((found > 0.5).astype("int32"))

    def predict_proba(self: Any, x: object, batch_size: int = 32, verbose: str | int = 0) -> Any:
        """A legacy name of `predict`."""
        warn_legacy("predict_proba", "predict")
        return self.predict(x, batch_size=batch_size, verbose=verbose)
