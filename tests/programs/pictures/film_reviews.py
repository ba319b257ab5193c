# Texts in folders, TextVectorization, and a model that takes raw text.
import os
import re
import string
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, losses

tf.keras.utils.set_random_seed(5)
folder = tempfile.mkdtemp()
rng = np.random.default_rng(2)
PARTS = {"neg": ["a boring film", "weak and dull", "I was <br />bored", "bad acting!"],
         "pos": ["a great film", "brilliant and funny", "I was <br />moved", "good acting!"]}
for split, count in (("train", 60), ("test", 20)):
    for name, parts in PARTS.items():
        os.makedirs(os.path.join(folder, split, name))
        for i in range(count):
            with open(os.path.join(folder, split, name, f"{i}.txt"), "w") as f:
                f.write("The film: " + ", ".join(rng.permutation(parts)[:3]))

batch_size, seed = 16, 42
raw_train_ds = tf.keras.utils.text_dataset_from_directory(
    os.path.join(folder, "train"), batch_size=batch_size, validation_split=0.2, subset="training", seed=seed)
raw_val_ds = tf.keras.utils.text_dataset_from_directory(
    os.path.join(folder, "train"), batch_size=batch_size, validation_split=0.2, subset="validation", seed=seed)
raw_test_ds = tf.keras.utils.text_dataset_from_directory(os.path.join(folder, "test"), batch_size=batch_size)
print("Label 1 corresponds to", raw_train_ds.class_names[1])


def custom_standardization(input_data):
    lowercase = tf.strings.lower(input_data)
    stripped_html = tf.strings.regex_replace(lowercase, "<br />", " ")
    return tf.strings.regex_replace(stripped_html, "[%s]" % re.escape(string.punctuation), "")


max_features, sequence_length = 50, 16
vectorize_layer = layers.TextVectorization(
    standardize=custom_standardization, max_tokens=max_features, output_mode="int",
    output_sequence_length=sequence_length)
train_text = raw_train_ds.map(lambda x, y: x)
vectorize_layer.adapt(train_text)
print(len(vectorize_layer.get_vocabulary()), vectorize_layer.get_vocabulary()[:4])


def vectorize_text(text, label):
    text = tf.expand_dims(text, -1)
    return vectorize_layer(text), label


print(vectorize_text(tf.constant("The film was good"), 1)[0].numpy()[0, :3] > 1)
train_ds = raw_train_ds.map(vectorize_text).cache().prefetch(buffer_size=tf.data.AUTOTUNE)
val_ds = raw_val_ds.map(vectorize_text).cache().prefetch(buffer_size=tf.data.AUTOTUNE)
test_ds = raw_test_ds.map(vectorize_text)

model = tf.keras.Sequential([
    layers.Embedding(max_features, 8),
    layers.Dropout(0.2),
    layers.GlobalAveragePooling1D(),
    layers.Dropout(0.2),
    layers.Dense(1)])
model.compile(loss=losses.BinaryCrossentropy(from_logits=True), optimizer=tf.keras.optimizers.Adam(0.02),
              metrics=[tf.metrics.BinaryAccuracy(threshold=0.0)])
history = model.fit(train_ds, validation_data=val_ds, epochs=20, verbose=0)
print(sorted(history.history))
loss, accuracy = model.evaluate(test_ds, verbose=0)
print("accuracy above 0.95:", accuracy > 0.95)

export_model = tf.keras.Sequential([vectorize_layer, model, layers.Activation("sigmoid")])
export_model.compile(loss=losses.BinaryCrossentropy(from_logits=False), optimizer="adam", metrics=["accuracy"])
loss, accuracy = export_model.evaluate(raw_test_ds, verbose=0)
print("from raw text:", accuracy > 0.95)
examples = tf.constant(["A great film, brilliant and good acting", "boring, weak, bad and dull"])
found = export_model.predict(examples, verbose=0)
print(found.shape, (found[:, 0] > 0.5).tolist())
