# A character-level GRU that keeps its state from batch to batch, and writes text one character at a time.
import numpy as np
import tensorflow as tf

text = 'the cat sat on the mat. the dog sat on the log. ' * 12
letters = sorted(set(text))
ids = {letter: number for number, letter in enumerate(letters)}
data = np.array([ids[letter] for letter in text])
BATCH, STEPS = 4, 16
rows = len(data) // BATCH
stream = data[:rows * BATCH].reshape(BATCH, rows)
print(len(letters), 'characters,', rows, 'in each row')


def build(batch_size):
    return tf.keras.Sequential([
        tf.keras.layers.Embedding(len(letters), 8, batch_input_shape=[batch_size, None]),
        tf.keras.layers.GRU(32, return_sequences=True, stateful=True, recurrent_initializer='glorot_uniform'),
        tf.keras.layers.Dense(len(letters)),
    ])


model = build(BATCH)
random = np.random.RandomState(2)
model.set_weights([random.normal(0, 0.25, w.shape) for w in model.get_weights()])
model.compile(tf.keras.optimizers.Adam(0.02), tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
losses = []
for epoch in range(12):
    model.reset_states()
    total = []
    for start in range(0, rows - STEPS - 1, STEPS):
        total.append(model.train_on_batch(stream[:, start:start + STEPS], stream[:, start + 1:start + STEPS + 1]))
    losses.append(np.mean(total))
print('losses:', ' '.join('%.3f' % loss for loss in losses[::3]))

writer = build(1)
writer.build(tf.TensorShape([1, None]))
writer.set_weights(model.get_weights())
writer.reset_states()
found, letter = 'the d', None
for letter in found:
    logits = writer(np.array([[ids[letter]]]))
for _ in range(24):
    letter = letters[int(tf.argmax(logits[0, -1]))]
    found += letter
    logits = writer(np.array([[ids[letter]]]))
print('written:', found)
print('state: %.3f' % float(tf.reduce_sum(tf.square(writer.layers[1].states[0]))))
