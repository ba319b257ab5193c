# Softmax regression from random weights, each part a function of its own that is traced.
import numpy as np
import tensorflow as tf

# length and width of a petal, length and width of a leaf; the species
table = np.array([
    [1, 1, 5, 3, 0], [2, 1, 5, 4, 0], [1, 2, 4, 3, 0],
    [4, 3, 6, 3, 1], [5, 3, 6, 2, 1], [4, 4, 5, 3, 1],
    [7, 6, 7, 3, 2], [6, 6, 6, 4, 2], [7, 5, 8, 3, 2],
])
features, species = table[:, :-1], table[:, -1]
kinds = 3
print('features=\n', features)
print('species=\n', species)
targets = tf.one_hot(species, kinds).numpy()
print('targets=\n', targets)

weights = tf.Variable(tf.random.normal([4, kinds]), name='weights')
offsets = tf.Variable(tf.random.normal([kinds]), name='offsets')


@tf.function
def probabilities(inputs):
    scores = tf.add(tf.matmul(tf.cast(inputs, tf.float32), weights), offsets)
    return tf.nn.softmax(scores)


@tf.function
def cross_entropy(predicted, wanted):
    each = -tf.reduce_sum(wanted * tf.math.log(predicted), axis=1)
    return tf.reduce_mean(each)


@tf.function
def descend(inputs, wanted, rate=0.1):
    with tf.GradientTape() as tape:
        cost = cross_entropy(probabilities(inputs), wanted)
        slope_of_weights, slope_of_offsets = tape.gradient(cost, [weights, offsets])
        weights.assign_sub(rate * slope_of_weights)
        offsets.assign_sub(rate * slope_of_offsets)


@tf.function
def judged(predicted, wanted):
    chosen = tf.argmax(predicted, 1)
    right = tf.equal(chosen, tf.argmax(wanted, 1))
    return chosen, tf.reduce_mean(tf.cast(right, tf.float32))


for turn in range(3001):
    cost = cross_entropy(probabilities(features), targets)
    descend(features, targets, rate=0.1)
    if turn % 250 == 0:
        print(f"turn:{turn}\tcost:{cost.numpy()}")

predicted = probabilities(features)
chosen, accuracy = judged(predicted, targets)
print("\nProbabilities =\n", predicted.numpy())
print("Chosen =\n", chosen.numpy())
print("\nAccuracy =", accuracy.numpy())

print("\nNew flowers...")
for flower in np.array([[1, 1, 4, 3], [5, 4, 6, 3], [7, 6, 8, 3]]):
    print(f"flower: {flower}\t species: {tf.argmax(probabilities([flower]), 1)}")
