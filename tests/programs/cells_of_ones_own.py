# A recurrent cell of one's own, trained with GradientTape, and the same built from Keras's cells.
import numpy as np
import tensorflow as tf


class MinimalRNNCell(tf.keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super(MinimalRNNCell, self).__init__(**kwargs)
        self.units = units
        self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer='uniform', name='kernel')
        self.recurrent_kernel = self.add_weight(shape=(self.units, self.units), initializer='uniform',
                                                name='recurrent_kernel')
        self.built = True

    def call(self, inputs, states):
        prev_output = states[0]
        h = tf.matmul(inputs, self.kernel)
        output = tf.tanh(h + tf.matmul(prev_output, self.recurrent_kernel))
        return output, [output]


class Adder(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.rnn = tf.keras.layers.RNN(MinimalRNNCell(12), return_sequences=True, return_state=True)
        self.out = tf.keras.layers.TimeDistributed(tf.keras.layers.Dense(1))

    def call(self, x, state=None):
        steps, state = self.rnn(x, initial_state=state)
        return self.out(steps), state


random = np.random.RandomState(6)
x = random.uniform(-1, 1, (64, 7, 2)).astype('float32')
y = np.cumsum(x.sum(axis=-1, keepdims=True), axis=1) / 4

model = Adder()
model(x[:1])
random_weights = [random.normal(0, 0.3, w.shape) for w in model.get_weights()]
model.set_weights(random_weights)
optimizer = tf.keras.optimizers.Adam(0.02)


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        predicted, _ = model(x)
        loss = tf.reduce_mean(tf.square(predicted - y))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss


losses = [float(train_step(x, y)) for _ in range(60)]
print('losses:', ' '.join('%.4f' % loss for loss in losses[::12]))

# In two halves, with the state handed on, the result is the same.
whole, _ = model(x)
first, state = model(x[:, :3])
second, _ = model(x[:, 3:], state=state)
print('halves agree:', bool(np.allclose(np.concatenate([first, second], axis=1), whole, atol=1e-5)))

cells = [tf.keras.layers.LSTMCell(6), tf.keras.layers.GRUCell(5)]
stacked = tf.keras.Sequential([
    tf.keras.layers.RNN(cells, return_sequences=True, input_shape=(7, 2)),
    tf.keras.layers.Dense(1),
])
stacked.summary()
stacked.set_weights([random.normal(0, 0.3, w.shape) for w in stacked.get_weights()])
stacked.compile('adam', 'mse')
history = stacked.fit(x, y, epochs=15, batch_size=16, shuffle=False, verbose=0)
print('stacked:', ['%.4f' % value for value in history.history['loss'][::4]])
state, total = [tf.zeros((1, 6)), tf.zeros((1, 6))], 0.0
for step in range(7):
    output, state = cells[0](x[:1, step], state)
    total += float(tf.reduce_sum(output))
print('by hand: %.4f' % total)
