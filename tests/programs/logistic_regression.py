# Logistic regression: sigmoid, cross entropy, accuracy.
import numpy as np
import tensorflow as tf

x_train = [[1., 2.], [2., 3.], [3., 1.], [4., 3.], [5., 3.], [6., 2.]]
y_train = tf.constant([[0.], [0.], [0.], [1.], [1.], [1.]])
x_test = [[5., 2.]]
y_test = np.array([[1.]], dtype=np.float32)

W = tf.Variable(tf.zeros([2, 1]), name='weight')
b = tf.Variable(tf.zeros([1]), name='bias')

def logistic_regression(features):
    return tf.divide(1., 1. + tf.exp(-(tf.matmul(features, W) + b)))

def loss_fn(hypothesis, labels):
    return -tf.reduce_mean(labels * tf.math.log(hypothesis) + (1 - labels) * tf.math.log(1 - hypothesis))

def accuracy_fn(hypothesis, labels):
    predicted = tf.cast(hypothesis > 0.5, dtype=tf.float32)
    return tf.reduce_mean(tf.cast(tf.equal(predicted, labels), dtype=tf.float32))

def grad(features, labels):
    with tf.GradientTape() as tape:
        loss_value = loss_fn(logistic_regression(features), labels)
    return tape.gradient(loss_value, [W, b])

for step in range(1001):
    grads = grad(x_train, y_train)
    for variable, gradient in zip([W, b], grads):
        variable.assign_sub(0.1 * gradient)
    if step % 100 == 0:
        print("Iter: {}, Loss: {:.4f}".format(step, loss_fn(logistic_regression(x_train), y_train)))

test_acc = accuracy_fn(logistic_regression(x_test), y_test)
print("Test Result = {}".format(tf.cast(logistic_regression(x_test) > 0.5, dtype=tf.int32)))
print("Testset Accuracy: {:.4f}".format(test_acc))
print(tf.sigmoid(0.0).numpy(), tf.math.sigmoid([0.0]).numpy(), tf.nn.sigmoid(tf.constant([[0.0]])).numpy())
