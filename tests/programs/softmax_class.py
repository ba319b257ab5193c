# Softmax regression as a class with methods, one-hot labels and a prediction.
import tensorflow as tf
import numpy as np

x_raw = [[1, 2, 1, 1], [2, 1, 3, 2], [3, 1, 3, 4], [4, 1, 5, 5],
         [1, 7, 5, 5], [1, 2, 5, 6], [1, 6, 6, 6], [1, 7, 7, 7]]
y_raw = [2, 2, 2, 1, 1, 1, 0, 0]
x_data = np.asarray(x_raw, dtype=np.float32)
y_data = tf.one_hot(tf.cast(y_raw, tf.int32), depth=3)
y_data = tf.reshape(y_data, [-1, 3])


class SoftmaxClassifier(object):
    def __init__(self, features, classes):
        self.W = tf.Variable(tf.ones((features, classes)) * 0.1, name='weight')
        self.b = tf.Variable(tf.zeros((classes,)), name='bias')
        self.variables = [self.W, self.b]

    def __call__(self, X):
        return tf.nn.softmax(tf.matmul(X, self.W) + self.b)

    def cost_fn(self, X, Y):
        logits = self(X)
        return tf.reduce_mean(-tf.reduce_sum(Y * tf.math.log(logits), axis=1))

    def grad_fn(self, X, Y):
        with tf.GradientTape() as tape:
            cost = self.cost_fn(X, Y)
        return tape.gradient(cost, self.variables)

    @tf.function
    def step(self, X, Y):
        for variable, gradient in zip(self.variables, self.grad_fn(X, Y)):
            variable.assign_sub(0.1 * gradient)

    def fit(self, X, Y, epochs=2000, verbose=500):
        for i in range(epochs):
            self.step(X, Y)
            if (i == 0) | ((i + 1) % verbose == 0):
                print('Loss at epoch %d: %f' % (i + 1, self.cost_fn(X, Y).numpy()))


model = SoftmaxClassifier(4, 3)
model.fit(x_data, y_data)
a = model(x_data)
print(tf.argmax(a, 1))
print(tf.argmax(y_data, axis=1).numpy())
correct = tf.equal(tf.argmax(a, 1), tf.argmax(y_data, 1))
print("Accuracy: %.2f" % tf.reduce_mean(tf.cast(correct, tf.float32)))
print(model.W.name, model.b.name, model.W.trainable)
