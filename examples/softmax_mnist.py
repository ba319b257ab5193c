"""Softmax regression on MNIST: the whole program, with the loop over the batches in native code.

python examples/softmax_mnist.py
"""

import tensorlet as tf

(x_train, y_train), (x_test, y_test) = tf.keras.datasets.mnist.load_data()
x_train, x_test = x_train.reshape(60000, 784), x_test.reshape(10000, 784)

W = tf.Variable(tf.zeros([784, 10]), name="weight")
b = tf.Variable(tf.zeros([10]), name="bias")


def logits(x):
    return tf.matmul(tf.cast(x, tf.float32) / 255.0, W) + b


@tf.function
def train(x, y):
    with tf.GradientTape() as tape:
        entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=tf.cast(y, tf.int64), logits=logits(x)
        )
        loss = tf.reduce_mean(entropy)
    gradient_of_w, gradient_of_b = tape.gradient(loss, [W, b])
    W.assign_sub(0.15 * gradient_of_w)
    b.assign_sub(0.15 * gradient_of_b)
    return {"loss": loss}


history = tf.run_epochs(train, (x_train, y_train), batch_size=100, epochs=15, shuffle=True, seed=1)
for epoch, loss in enumerate(history.history["loss"], start=1):
    print(f"epoch {epoch:2d}  loss {loss:.4f}")

predicted = tf.argmax(logits(x_test), axis=1).numpy()
print(f"test accuracy {(predicted == y_test).mean():.4f}")
