"""Layers and models of the user's own, and a pipeline of data."""

from typing import Any

import tensorlet as tf


class Scale(tf.keras.layers.Layer):
    def build(self, input_shape: Any) -> None:
        self.factor = self.add_weight(name="factor", shape=(input_shape[-1],), initializer="ones")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs * self.factor


class Regression(tf.keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.scale = Scale()
        self.dense = tf.keras.layers.Dense(1)

    def call(self, inputs: tf.Tensor, training: bool = False) -> Any:
        return self.dense(self.scale(inputs))


x = tf.random.uniform([32, 3], seed=1)
y = tf.reduce_sum(x, axis=1, keepdims=True)
dataset = (
    tf.data.Dataset.from_tensor_slices((x, y)).shuffle(32, seed=1).map(lambda a, b: (a * 2.0, b)).batch(8)
)
model = Regression()
optimizer = tf.keras.optimizers.Adam(
    learning_rate=tf.keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
)
loss = tf.constant(0.0)
for epoch in range(2):
    for features, labels in dataset.prefetch(tf.data.AUTOTUNE):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(features) - labels))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
print(len(dataset), float(loss) >= 0.0, model.layers)
