# Attention over the outputs of an LSTM: which step decided? Exactly one step of each sequence carries the signal.
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

random = np.random.RandomState(7)
x = random.normal(0, 0.3, (240, 9, 2)).astype('float32')
place, sign = random.randint(0, 9, 240), random.choice([-1.0, 1.0], 240)
x[np.arange(240), place, 0] = 3.0
x[np.arange(240), place, 1] = sign
y = (sign > 0).astype('int32')

inputs = tf.keras.Input((9, 2))
steps = layers.Bidirectional(layers.LSTM(8, return_sequences=True))(inputs)
query = layers.Dense(16)(layers.GlobalAveragePooling1D()(steps))
query = layers.Reshape((1, 16))(query)
context, weights = layers.Attention(use_scale=True)([query, steps], return_attention_scores=True)
added = layers.AdditiveAttention()([query, steps])
merged = layers.Flatten()(layers.Concatenate()([context, added]))
model = tf.keras.Model(inputs, layers.Dense(1, activation='sigmoid')(merged))
model.summary()
model.set_weights([random.normal(0, 0.4, w.shape) for w in model.get_weights()])
model.compile('adam', 'binary_crossentropy', metrics=['accuracy'])
history = model.fit(x[:200], y[:200], epochs=15, batch_size=20, shuffle=False, verbose=0,
                    validation_data=(x[200:], y[200:]))
print('loss:', ['%.3f' % value for value in history.history['loss'][::3]])
print('accuracy: %.2f' % history.history['val_accuracy'][-1])
looks = tf.keras.Model(inputs, weights)
found = looks.predict(x[200:203], verbose=0)
print('weights:', found.shape, 'sums:', found.sum(axis=-1).round(3).ravel())
print(found[0, 0].round(2))
