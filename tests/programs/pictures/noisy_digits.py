# An autoencoder that takes noise away, with Conv2DTranspose.
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers
from tensorflow.keras.models import Model

tf.keras.utils.set_random_seed(4)


def preprocess(array):
    array = array.astype("float32") / 255.0
    return np.reshape(array, (len(array), 28, 28, 1))


def noise(array):
    noisy_array = array + 0.4 * np.random.normal(loc=0.0, scale=1.0, size=array.shape)
    return np.clip(noisy_array, 0.0, 1.0)


(train_data, _), (test_data, _) = tf.keras.datasets.mnist.load_data()
train_data, test_data = preprocess(train_data[:1500]), preprocess(test_data[:300])
noisy_train_data, noisy_test_data = noise(train_data), noise(test_data)

input = layers.Input(shape=(28, 28, 1))
x = layers.Conv2D(8, (3, 3), activation="relu", padding="same")(input)
x = layers.MaxPooling2D((2, 2), padding="same")(x)
x = layers.Conv2D(8, (3, 3), activation="relu", padding="same")(x)
x = layers.MaxPooling2D((2, 2), padding="same")(x)
x = layers.Conv2DTranspose(8, (3, 3), strides=2, activation="relu", padding="same")(x)
x = layers.Conv2DTranspose(8, (3, 3), strides=2, activation="relu", padding="same")(x)
x = layers.Conv2D(1, (3, 3), activation="sigmoid", padding="same")(x)
autoencoder = Model(input, x)
autoencoder.compile(optimizer=tf.keras.optimizers.Adam(0.005), loss="binary_crossentropy")
autoencoder.summary()
history = autoencoder.fit(x=noisy_train_data, y=train_data, epochs=6, batch_size=64, shuffle=True, verbose=0,
                          validation_data=(noisy_test_data, test_data))
predictions = autoencoder.predict(noisy_test_data, verbose=0)
print(predictions.shape, "validation loss below 0.22:", history.history["val_loss"][-1] < 0.22)
before = np.mean((noisy_test_data - test_data) ** 2)
after = np.mean((predictions - test_data) ** 2)
print("less noise:", after < before)
