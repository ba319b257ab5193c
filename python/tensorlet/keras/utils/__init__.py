"""``tf.keras.utils``: utility functions, each imported on first use."""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names

_HERE = "tensorlet.keras.utils"
_PLACES = {
    f"{_HERE}.dataset_tools": "split_dataset timeseries_dataset_from_array",
    f"{_HERE}.feature_space": "FeatureSpace",
    f"{_HERE}.image_dataset": "image_dataset_from_directory",
    f"{_HERE}.image_utils": "array_to_img img_to_array load_img save_img",
    f"{_HERE}.text_dataset": "text_dataset_from_directory",
    f"{_HERE}.labels": "normalize set_random_seed to_categorical",
    f"{_HERE}.sequence": "PyDataset Sequence pack_x_y_sample_weight unpack_x_y_sample_weight",
    f"{_HERE}.file_cache": "get_file",
    f"{_HERE}.serialization": "deserialize_keras_object func_dump:refuse_code func_load:refuse_code "
    "serialize_keras_object",
    f"{_HERE}.progress_bar": "Progbar disable_interactive_logging enable_interactive_logging "
    "is_interactive_logging_enabled",
    f"{_HERE}.model_summary": "model_to_dot",
    "tensorlet.visualize.model_plot": "plot_model",
    "tensorlet.keras.preprocessing.sequence": "pad_sequences",
    "tensorlet.keras.registry": "CustomObjectScope custom_object_scope get_custom_objects get_registered_name "
    "get_registered_object register_keras_serializable",
    "tensorlet.keras.backend.session": "clear_session is_keras_tensor",
}

_ABSENT = {
    "GeneratorEnqueuer": "Pass generators directly to fit.",
    "HDF5Matrix": "Open the file with h5py and pass the data set, or x[:] of it.",
    "OrderedEnqueuer": "Pass generators directly to fit.",
    "SequenceEnqueuer": "Pass generators directly to fit.",
    "audio_dataset_from_directory": "Read the files into NumPy arrays.",
    "multi_gpu_model": "Training uses the processor's threads by itself (TENSORLET_THREADS sets how many).",
}

__getattr__, __dir__ = lazy_names(__name__, _PLACES, absent=_ABSENT)
