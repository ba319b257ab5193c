# A variational autoencoder of rows: functions between layers, a sampling layer, and a loss that the model adds.
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras import backend as K

tf.random.set_seed(3)
rng = np.random.RandomState(3)
x = np.outer(rng.rand(200), [1., 2., 3., 4.]).astype('float32')


class Sampling(layers.Layer):
    def call(self, inputs):
        mean, log_var = inputs
        noise = K.random_normal(shape=(tf.shape(mean)[0], tf.shape(mean)[1]))
        return mean + tf.exp(0.5 * log_var) * noise


inputs = keras.Input(shape=(4,))
hidden = layers.Dense(8, activation='relu')(inputs)
mean = layers.Dense(1, name='mean')(hidden)
log_var = layers.Dense(1, name='log_var')(hidden)
code = Sampling()([mean, log_var])
outputs = layers.Dense(4)(layers.Dense(8, activation='relu')(code))
vae = keras.Model(inputs, outputs)
encoder = keras.Model(inputs, mean)

reconstruction = keras.losses.mse(inputs, outputs) * 4
kl = -0.5 * K.sum(1 + log_var - K.square(mean) - K.exp(log_var), axis=-1)
vae.add_loss(K.mean(reconstruction + 0.01 * kl))
vae.add_metric(kl, name='kl', aggregation='mean')
vae.compile(optimizer=keras.optimizers.Adam(0.01))
history = vae.fit(x, epochs=40, batch_size=20, verbose=0)
print('keys:', sorted(history.history))
print('learned:', history.history['loss'][-1] < 0.2 * history.history['loss'][0])
codes = encoder.predict(x, verbose=0)[:, 0]
print('codes follow the rows:', abs(np.corrcoef(codes, x[:, 0])[0, 1]) > 0.9)
