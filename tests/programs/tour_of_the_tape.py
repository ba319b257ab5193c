# What tf.GradientTape can do: watch, persistent, nested, None, and its use around a tf.function.
import tensorflow as tf

x = tf.constant(3.0)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = x * x
print(tape.gradient(y, x).numpy())

x = tf.Variable(3.0)
with tf.GradientTape(persistent=True) as tape:
    y = x ** 3
    z = y * 2.0
print(tape.gradient(y, x).numpy(), tape.gradient(z, x).numpy(), tape.gradient(z, [x])[0].numpy())
del tape

with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        y = x * x * x
    first = inner.gradient(y, x)
second = outer.gradient(first, x)
print(first.numpy(), second.numpy())

w = tf.Variable(1.0)
with tf.GradientTape() as tape:
    y = x * 2.0
print(tape.gradient(y, w))
with tf.GradientTape() as tape:
    y = x * 2.0
print(tape.gradient(y, w, unconnected_gradients=tf.UnconnectedGradients.ZERO).numpy())

with tf.GradientTape() as tape:
    y = tf.stop_gradient(x * x) * x
print(tape.gradient(y, x).numpy())

fixed = tf.Variable(2.0, trainable=False)
with tf.GradientTape() as tape:
    y = fixed * x
print([None if g is None else float(g) for g in tape.gradient(y, [fixed, x])])

@tf.function
def power(x, n=2):
    return tf.reduce_sum(x ** n)

v = tf.Variable([1.0, 2.0, 3.0])
with tf.GradientTape() as tape:
    y = power(v, n=3)
print(y.numpy(), tape.gradient(y, v).numpy())

parameters = {"w": tf.Variable([[1.0], [2.0]]), "b": tf.Variable(0.5)}
with tf.GradientTape() as tape:
    loss = tf.reduce_mean((tf.constant([[1.0, 1.0]]) @ parameters["w"] + parameters["b"]) ** 2)
gradients = tape.gradient(loss, parameters)
print(sorted(gradients), gradients["w"].numpy().tolist(), gradients["b"].numpy())
