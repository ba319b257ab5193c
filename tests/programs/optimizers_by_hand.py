# Gradient descent, momentum and Adam, written out with variables.
import tensorflow as tf

def loss_of(w):
    return tf.reduce_sum(tf.constant([1.0, 10.0]) * tf.square(w - tf.constant([3.0, -1.0])))

@tf.function
def gradient_descent(w, rate):
    with tf.GradientTape() as tape:
        loss = loss_of(w)
    w.assign_sub(rate * tape.gradient(loss, w))
    return loss

w = tf.Variable([0.0, 0.0])
for step in range(50):
    loss = gradient_descent(w, tf.constant(0.04))
print("descent  %.5f" % loss, w.numpy())

w = tf.Variable([0.0, 0.0])
velocity = tf.Variable(tf.zeros_like(w))
for step in range(50):
    with tf.GradientTape() as tape:
        loss = loss_of(w)
    velocity.assign(0.8 * velocity - 0.02 * tape.gradient(loss, w))
    w.assign_add(velocity)
print("momentum %.5f" % loss, w.numpy())

w = tf.Variable([0.0, 0.0])
m, v = tf.Variable(tf.zeros([2])), tf.Variable(tf.zeros([2]))

@tf.function
def adam(t, rate=0.1, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    with tf.GradientTape() as tape:
        loss = loss_of(w)
    g = tape.gradient(loss, w)
    m.assign(beta_1 * m + (1 - beta_1) * g)
    v.assign(beta_2 * v + (1 - beta_2) * tf.square(g))
    m_hat = m / (1 - tf.pow(beta_1, t))
    v_hat = v / (1 - tf.pow(beta_2, t))
    w.assign_sub(rate * m_hat / (tf.sqrt(v_hat) + epsilon))
    return loss

for step in range(1, 101):
    loss = adam(tf.cast(step, tf.float32))
    if step % 25 == 0:
        tf.print("adam", step, loss)
print("adam     %.5f" % loss, w.numpy())
