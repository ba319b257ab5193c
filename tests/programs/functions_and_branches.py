# tf.function: traced once, with tf.cond, tf.where, tf.while_loop, Python loops and arguments.
import tensorflow as tf

traced = []

@tf.function
def absolute(x):
    traced.append(1)
    return tf.cond(x < 0.0, lambda: -x, lambda: x)

print(absolute(tf.constant(-3.0)).numpy(), absolute(tf.constant(4.0)).numpy(), len(traced))

@tf.function(input_signature=[tf.TensorSpec(shape=[None], dtype=tf.float32)])
def mean_of_positive(x):
    positive = tf.where(x > 0.0, x, tf.zeros_like(x))
    return tf.reduce_sum(positive) / tf.reduce_sum(tf.cast(x > 0.0, tf.float32))

print(mean_of_positive(tf.constant([1.0, -5.0, 3.0])).numpy(), mean_of_positive(tf.constant([2.0])).numpy())

@tf.function
def halve_until_small(x):
    return tf.while_loop(lambda i, v: v > 1.0, lambda i, v: (i + 1, v / 2.0), (tf.constant(0), x))

steps, rest = halve_until_small(tf.constant(10.0))
print(steps.numpy(), rest.numpy())

@tf.function
def polynomial(x, degree):
    result = tf.zeros_like(x)
    for power in range(degree + 1):
        result += x ** power
    return result

print(polynomial(tf.constant(2.0), 3).numpy(), polynomial(tf.constant(2.0), 4).numpy())

counter = tf.Variable(0)

@tf.function
def count(by):
    counter.assign_add(by)
    return counter * 10

print(count(1).numpy(), count(2).numpy(), counter.numpy(), tf.executing_eagerly())
tf.config.run_functions_eagerly(True)
print(absolute(tf.constant(-1.0)).numpy(), tf.config.functions_run_eagerly())
tf.config.run_functions_eagerly(False)
