# Softmax regression on handwritten digits: batches are slices of the arrays, and each step is traced.
import sys

import numpy as np
import tensorflow as tf

(images, labels), (test_images, test_labels) = tf.keras.datasets.mnist.load_data()
images = (images / 255.0).reshape(60000, 784).astype('float32')
test_images = (test_images / 255.0).reshape(10000, 784).astype('float32')
targets = tf.one_hot(labels, 10).numpy()
test_targets = tf.one_hot(test_labels, 10).numpy()

weights = tf.Variable(tf.random.normal([784, 10], stddev=0.5), name='weights')
offsets = tf.Variable(tf.zeros([10]), name='offsets')


@tf.function
def probabilities(inputs):
    return tf.nn.softmax(tf.matmul(tf.cast(inputs, tf.float32), weights) + offsets)


@tf.function
def cross_entropy(predicted, wanted):
    return tf.reduce_mean(-tf.reduce_sum(wanted * tf.math.log(predicted), axis=1))


@tf.function
def descend(inputs, wanted, rate):
    with tf.GradientTape() as tape:
        cost = cross_entropy(probabilities(inputs), wanted)
    for variable, slope in zip([weights, offsets], tape.gradient(cost, [weights, offsets])):
        variable.assign_sub(rate * slope)


epochs, size = int(sys.argv[1]), 100
for epoch in range(epochs):
    mean, start = 0, 0
    turns = int(len(images) / size)
    for turn in range(turns):
        rows, wanted = images[start:start + size, :], targets[start:start + size, :]
        mean += cross_entropy(probabilities(rows), wanted) / turns
        descend(rows, wanted, rate=0.2)
        start += size
    print("Epoch: {:2d} cost: {}".format(epoch + 1, mean))

right = tf.equal(tf.argmax(probabilities(test_images), 1), tf.argmax(test_targets, 1))
print("Accuracy =", tf.reduce_mean(tf.cast(right, tf.float32)).numpy())
