"""Softmax regression on MNIST with Keras: fit runs each epoch in native code.

python examples/keras_mnist.py
"""

import tensorlet as tf

tf.keras.utils.set_random_seed(1)
(x_train, y_train), (x_test, y_test) = tf.keras.datasets.mnist.load_data()
x_train, x_test = x_train / 255.0, x_test / 255.0

model = tf.keras.Sequential(
    [
        tf.keras.layers.Flatten(input_shape=(28, 28)),
        tf.keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.summary()
model.fit(x_train, y_train, batch_size=100, epochs=15, validation_data=(x_test, y_test), verbose=2)

loss, accuracy = model.evaluate(x_test, y_test, batch_size=100, verbose=0)
print(f"test accuracy {accuracy:.4f}")
