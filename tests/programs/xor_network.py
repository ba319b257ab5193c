# XOR with two layers of variables, and a tf.function that trains.
import tensorflow as tf
import numpy as np

tf.random.set_seed(777)

x_data = [[0., 0.], [0., 1.], [1., 0.], [1., 1.]]
y_data = [[0.], [1.], [1.], [0.]]

W1 = tf.Variable(tf.random.normal((2, 10)), name='weight1')
b1 = tf.Variable(tf.random.normal((10,)), name='bias1')
W2 = tf.Variable(tf.random.normal((10, 1)), name='weight2')
b2 = tf.Variable(tf.random.normal((1,)), name='bias2')
parameters = [W1, b1, W2, b2]

@tf.function
def neural_net(features):
    layer1 = tf.sigmoid(tf.matmul(features, W1) + b1)
    return tf.sigmoid(tf.matmul(layer1, W2) + b2)

@tf.function
def train(features, labels):
    with tf.GradientTape() as tape:
        hypothesis = neural_net(features)
        cost = -tf.reduce_mean(labels * tf.math.log(hypothesis) + (1 - labels) * tf.math.log(1 - hypothesis))
    for variable, gradient in zip(parameters, tape.gradient(cost, parameters)):
        variable.assign_sub(1.0 * gradient)
    return cost

features = tf.constant(x_data)
labels = tf.constant(y_data)
first = train(features, labels)
for step in range(5000):
    last = train(features, labels)
print("cost fell:", bool(last < first), "below 0.05:", last.numpy() < 0.05)

predicted = tf.cast(neural_net(features) > 0.5, dtype=tf.float32)
accuracy = tf.reduce_mean(tf.cast(tf.equal(predicted, labels), dtype=tf.float32))
print("Predicted:\n{}\nAccuracy: {}".format(predicted, accuracy))
