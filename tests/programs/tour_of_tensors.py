# Rank, shape, axis, slices and the functions that move numbers around.
import tensorflow as tf
import numpy as np

t = tf.constant([1, 2, 3, 4])
print(tf.shape(t), tf.rank(t), tf.size(t))
t = tf.constant([[[[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]], [[13, 14, 15, 16], [17, 18, 19, 20], [21, 22, 23, 24]]]])
print(tf.shape(t).numpy(), t.shape, t.shape[1], t.shape.rank, len(t.shape), t.ndim)
print(t[0, 1, 2, 3], t[..., -1].shape, t[0, :, ::2, 1:3].numpy())

matrix1 = tf.constant([[1., 2.], [3., 4.]])
matrix2 = tf.constant([[1.], [2.]])
print(tf.matmul(matrix1, matrix2).numpy(), (matrix1 * matrix2).numpy(), (matrix1 @ matrix2).shape)
print(matrix1 + 1)
print(repr(matrix1))

x = [[0, 1, 2], [2, 1, 0]]
print(tf.argmax(x, axis=0).numpy(), tf.argmax(x, axis=1).numpy(), tf.argmax(x, axis=-1).dtype)
print(tf.reduce_mean([1, 2], axis=0), tf.reduce_mean([1., 2.], axis=0).numpy())
print(tf.reduce_sum(tf.reduce_mean([[1., 2.], [3., 4.]], axis=-1)).numpy())

t = np.array([[[0, 1, 2], [3, 4, 5]], [[6, 7, 8], [9, 10, 11]]])
print(tf.reshape(t, shape=[-1, 3]).numpy())
print(tf.reshape(t, shape=[-1, 1, 3]).shape, tf.squeeze([[0], [1], [2]]).numpy(), tf.expand_dims([0, 1, 2], 1).numpy().tolist())
t = tf.one_hot([[0], [1], [2], [0]], depth=3)
print(t.shape, tf.reshape(t, shape=[-1, 3]).numpy())
print(tf.cast([1.8, 2.2, 3.3, 4.9], tf.int32).numpy(), tf.cast([True, False, 1 == 1, 0 == 1], tf.int32).numpy())
x, y, z = [1, 4], [2, 5], [3, 6]
print(tf.stack([x, y, z]).numpy(), tf.stack([x, y, z], axis=1).numpy())
print(tf.concat([[x], [y]], axis=0).numpy(), [u.numpy().tolist() for u in tf.unstack(tf.constant([[1, 2], [3, 4]]))])
print(tf.ones_like([[0, 1, 2]]), tf.zeros_like([[0., 1.]]), tf.zeros([2], dtype=tf.int32), tf.ones([1, 2]))
for a, b in zip([1, 2, 3], [4, 5, 6]):
    print(a, b, end="; ")
print(tf.transpose([[1, 2, 3], [4, 5, 6]]).numpy(), tf.transpose(tf.zeros([2, 3, 4]), perm=[2, 0, 1]).shape)
first, second = tf.split(tf.range(6), 2)
print(first.numpy(), second.numpy(), tf.tile([1, 2], [2]).numpy(), tf.pad([[1]], [[1, 0], [0, 1]]).numpy().tolist())
print(tf.gather([10, 20, 30], [2, 0]).numpy(), tf.where([True, False], [1, 2], [3, 4]).numpy())
print(tf.eye(2), tf.fill([2], 7), tf.linspace(0.0, 1.0, 3), tf.range(1, 10, 3))
print([int(v) for v in tf.range(3)], float(tf.constant(2.5)), tf.constant([1, 2])[0] == 1, np.array(tf.constant([1.5])))
print(tf.constant("0.5" and 0.5).dtype, tf.constant(1).dtype == tf.int32, tf.constant([1.0]).dtype.name)
print(f"{tf.constant(3.14159):.2f}", "{:d}".format(tf.constant(7)), "%5.1f" % tf.constant(2.25))
print(tf.convert_to_tensor(np.arange(3)), tf.math.top_k([3, 1, 2], k=2).indices.numpy(), tf.sort([3, 1, 2]).numpy())
