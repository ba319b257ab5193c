"""XOR with Keras, as a course writes it: 100 epochs with a validation each, curves, one guess."""

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

rows = tf.constant([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=tf.float32)
labels = tf.constant([[0], [1], [1], [0]], dtype=tf.float32)

model = tf.keras.models.Sequential()
model.add(tf.keras.layers.Dense(8, input_shape=(2,), activation="relu"))
model.add(tf.keras.layers.Dense(1, activation="sigmoid"))
model.compile(loss="mean_squared_error", optimizer="adam", metrics=["accuracy"])
model.summary()
found = model.fit(rows, labels, batch_size=4, epochs=100, verbose=2, validation_data=(rows, labels)).history
model.evaluate(rows, labels, verbose=2)

plt.figure(figsize=(8, 4))
plt.subplot(1, 2, 1)
plt.title("loss")
plt.plot(found["loss"])
plt.subplot(1, 2, 2)
plt.title("accuracy")
plt.plot(found["accuracy"], "b-", label="training")
plt.plot(found["val_accuracy"], "r:", label="validation")
plt.legend()
plt.tight_layout()
plt.show()

guess = model.predict(np.array([[1, 0]]))
print("guess:", guess, tf.cast(guess > 0.5, tf.float32).numpy())
