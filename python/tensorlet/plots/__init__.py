"""``tensorlet.plots``: pictures of data, models and training, each drawn by one function.

Every function returns a matplotlib figure. A notebook shows it; ``path="curves.png"`` saves it too, and so does
``figure.savefig``. Functions that end in ``_text`` draw the same for a terminal.

They require matplotlib: ``pip install 'tensorlet[plot]'``. Each is imported on first use.

>>> from tensorlet import plots
>>> figure = plots.learning_curves({"loss": [2.3, 0.5, 0.4], "val_loss": [2.2, 0.6, 0.7]})
>>> print(plots.learning_curves_text({"loss": [2.3, 0.5, 0.4]}))
loss  █▁▁  2.3 → 0.4, best 0.4 in epoch 3
"""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names

_HERE = "tensorlet.plots"
_PLACES = {
    f"{_HERE}.classification": "calibration confusion_matrix confusion_matrix_text roc_curve",
    f"{_HERE}.curves": "learning_curves learning_curves_text",
    f"{_HERE}.diagrams": "neuron_diagram",
    f"{_HERE}.dropout": "dropped_units",
    f"{_HERE}.feature_maps": "feature_maps",
    f"{_HERE}.fonts": "korean_font use_korean_font",
    f"{_HERE}.functions": "activation_functions",
    f"{_HERE}.layers": "activations gradients layer_histograms layer_norms layer_norms_text",
    f"{_HERE}.surface": "loss_surface",
    f"{_HERE}.mistakes": "wrong_predictions wrong_predictions_text",
    f"{_HERE}.recorder": "LayerRecorder WeightTrajectory",
    f"{_HERE}.regions": "decision_regions",
    f"{_HERE}.weights": "filters weight_images",
}

__getattr__, __dir__ = lazy_names(__name__, _PLACES)
