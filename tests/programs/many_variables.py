# Linear regression with several inputs: a table, slices, matmul, and a function that predicts.
import tensorflow as tf
import numpy as np

data = np.array([
    [73., 80., 75., 152.],
    [93., 88., 93., 185.],
    [89., 91., 90., 180.],
    [96., 98., 100., 196.],
    [73., 66., 70., 142.]
], dtype=np.float32)

X = data[:, :-1]
y = data[:, [-1]]

W = tf.Variable(tf.zeros([3, 1]))
b = tf.Variable(tf.zeros((1,)))
learning_rate = 0.000001

def predict(X):
    return tf.matmul(X, W) + b

print("epoch | cost")
for i in range(2000 + 1):
    with tf.GradientTape() as tape:
        cost = tf.reduce_mean((tf.square(predict(X) - y)))
    W_grad, b_grad = tape.gradient(cost, [W, b])
    W.assign_sub(learning_rate * W_grad)
    b.assign_sub(learning_rate * b_grad)
    if i % 400 == 0:
        print("{:5} | {:10.4f}".format(i, cost.numpy()))

print(W.shape, b.shape, X.shape, y.shape)
print(np.round(predict([[100., 70., 101.], [60., 70., 110.]]).numpy(), 1))
print(tf.sqrt(cost).dtype)
