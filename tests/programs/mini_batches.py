# Random numbers with a seed, shuffled mini batches, a model that learns a line.
import numpy as np
import tensorflow as tf

tf.random.set_seed(777)
first = tf.random.normal([3]).numpy()
tf.random.set_seed(777)
print("same numbers again:", bool(np.all(first == tf.random.normal([3]).numpy())))

x = tf.random.uniform([200, 1], minval=-1.0, maxval=1.0)
noise = tf.random.normal(shape=(200, 1), stddev=0.01)
y = 3.0 * x + 2.0 + noise
print(x.shape, y.dtype, bool(tf.reduce_max(tf.abs(x)) <= 1.0))

w = tf.Variable(tf.random.truncated_normal([1, 1], stddev=0.1), name="w")
b = tf.Variable(tf.zeros([1]), name="b")

@tf.function
def train_step(batch_x, batch_y, rate):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.math.squared_difference(tf.matmul(batch_x, w) + b, batch_y))
    gradients = tape.gradient(loss, (w, b))
    for variable, gradient in zip((w, b), gradients):
        variable.assign_sub(rate * gradient)
    return loss

for epoch in range(30):
    order = tf.random.shuffle(tf.range(200))
    total = 0.
    for start in range(0, 200, 20):
        rows = order[start:start + 20]
        total += train_step(tf.gather(x, rows), tf.gather(y, rows), 0.2)
print("w %.1f" % w.numpy()[0, 0], "b %.1f" % b.numpy()[0], "loss small:", total.numpy() / 10 < 1e-3)
print(sorted(tf.random.shuffle([3, 1, 2]).numpy().tolist()), tf.random.uniform([2], maxval=5, dtype=tf.int32).dtype)
