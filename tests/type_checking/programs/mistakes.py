"""Mistakes that a type checker has to find: each line marked with the word "wrong"."""

import tensorlet as tf
from tensorlet.keras.layers import Dens  # wrong

model = tf.keras.Sequential([tf.keras.layers.Dense(10)])
model.fti(1)  # wrong
tf.keras.layers.Dense("ten")  # wrong
a = tf.constant([[1.0]])
x: int = tf.matmul(a, a)  # wrong
tf.matmull(a, a)  # wrong
a.nunpy()  # wrong
tf.Variable(a).asign(a)  # wrong
y: int = a + 1.0  # wrong
tf.data.Dataset.range(5).bach(2)  # wrong
tf.random.normal()  # wrong
tf.keras.losses.mean_squared_eror(a, a)  # wrong
model.compile(epochs=3).numpy()  # wrong
tf.keras.optimizers.Adam(0.1).minimise()  # wrong
