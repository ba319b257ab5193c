"""Keras from data to a saved model: layers, callbacks, evaluation, prediction, files."""

import numpy as np
import tensorlet as tf
from tensorlet.keras.layers import Dense
from tensorlet.keras.models import Sequential, load_model

x = np.random.default_rng(1).normal(size=(60, 8)).astype("float32")
y = (x.sum(axis=1) > 0).astype("int32")

model = Sequential([tf.keras.layers.Flatten(input_shape=(8,)), Dense(16, activation="relu"), Dense(2)])
model.add(tf.keras.layers.Activation("softmax"))
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.summary()
history = model.fit(
    x,
    y,
    validation_data=(x, y),
    epochs=2,
    batch_size=20,
    verbose=0,
    callbacks=[tf.keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)],
)
print(sorted(history.history), history.history["loss"][-1] > 0)
model.evaluate(x, y, verbose=2)
prediction = model.predict(x[:1])
print("class", tf.argmax(prediction, 1).numpy())
model.save("classifier.h5")
model.save_weights("weights/classifier")
again = load_model("classifier.h5")
again.compile(
    optimizer=tf.keras.optimizers.SGD(learning_rate=0.1, momentum=0.9),
    loss=tf.keras.losses.SparseCategoricalCrossentropy(),
    metrics=[tf.keras.metrics.SparseCategoricalAccuracy()],
)
print(len(again.layers), again.layers[1].name, again.count_params(), again.trainable_variables[0].shape)

inputs = tf.keras.Input(shape=(8,))
hidden = Dense(4, kernel_regularizer=tf.keras.regularizers.l2(1e-3))(inputs)
outputs = Dense(1, activation=tf.nn.sigmoid)(tf.nn.relu(hidden))
functional = tf.keras.Model(inputs=inputs, outputs=outputs)
print(functional.output_shape)
