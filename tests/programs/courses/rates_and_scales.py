# Names that moved in the years of TensorFlow 2.
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.layers.experimental import preprocessing

tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
tf.random.set_seed(1)
x = np.linspace(0, 300, 60, dtype='float32').reshape(-1, 1)
y = 0.01 * x - 1

normalizer = preprocessing.Normalization()
normalizer.adapt(x)
rate = tf.keras.experimental.CosineDecay(0.2, decay_steps=400)
for optimizer in (tf.keras.optimizers.legacy.Adam(learning_rate=rate),
                  keras.optimizers.legacy.SGD(lr=0.2, decay=1e-3),
                  keras.optimizers.adam(lr=0.2)):
    model = keras.Sequential([normalizer, layers.Dense(units=1)])
    model.compile(optimizer=optimizer, loss=tf.losses.MeanSquaredError(), metrics=[tf.metrics.MeanAbsoluteError()])
    model.fit(x, y, epochs=200, verbose=0)
    print(type(optimizer).__name__, 'error below 0.05:', model.evaluate(x, y, verbose=0)[1] < 0.05)
