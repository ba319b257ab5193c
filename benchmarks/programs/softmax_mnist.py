"""Softmax regression as courses teach it, batch by batch from Python, on whichever ``tensorflow`` is imported.

python softmax_mnist.py DATA EPOCHS      (started by lecture_program.py)
"""

import sys

import numpy as np
import tensorflow as tf

data = np.load(sys.argv[1])
training_epochs = int(sys.argv[2])
batch_size = 100
nb_classes = 10

x_train = (data["x_train"] / 255.0).reshape(-1, 784).astype("float32")
x_test = (data["x_test"] / 255.0).reshape(-1, 784).astype("float32")
y_train_one_hot = tf.one_hot(data["y_train"], nb_classes).numpy()
y_test_one_hot = tf.one_hot(data["y_test"], nb_classes).numpy()

W = tf.Variable(data["weights"], name="weight")
B = tf.Variable(data["biases"], name="bias")


@tf.function
def hypothesis(X):
    logits = tf.add(tf.matmul(tf.cast(X, tf.float32), W), B)
    return tf.nn.softmax(logits)


@tf.function
def loss(H, Y):
    entropy = -tf.reduce_sum(Y * tf.math.log(H), axis=1)
    return tf.reduce_mean(entropy)


@tf.function
def train(X, Y, learning_rate=0.1):
    with tf.GradientTape() as tape:
        cost = loss(hypothesis(X), Y)
    w, b = tape.gradient(cost, [W, B])
    W.assign_sub(learning_rate * w)
    B.assign_sub(learning_rate * b)


@tf.function
def evaluation(H, Y):
    prediction = tf.argmax(H, 1)
    correct = tf.equal(prediction, tf.argmax(Y, 1))
    return prediction, tf.reduce_mean(tf.cast(correct, tf.float32))


for epoch in range(training_epochs):
    average = 0
    iterations = len(x_train) // batch_size
    for start in range(0, iterations * batch_size, batch_size):
        batch_xs, batch_ys = x_train[start : start + batch_size], y_train_one_hot[start : start + batch_size]
        cost = loss(hypothesis(batch_xs), batch_ys)
        train(batch_xs, batch_ys, learning_rate=0.15)
        average += cost / iterations
    print(f"Epoch: {epoch + 1:2d} loss: {average}")

prediction, accuracy = evaluation(hypothesis(x_test), y_test_one_hot)
print("Accuracy =", accuracy.numpy())
