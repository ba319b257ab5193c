# A small convnet on the digits, as in the first tutorial on pictures.
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(1)
num_classes = 10
input_shape = (28, 28, 1)

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train, y_train = x_train[:2000], y_train[:2000]
x_test, y_test = x_test[:1000], y_test[:1000]
x_train = x_train.astype("float32") / 255
x_test = x_test.astype("float32") / 255
x_train = np.expand_dims(x_train, -1)
x_test = np.expand_dims(x_test, -1)
print("x_train shape:", x_train.shape)
y_train = keras.utils.to_categorical(y_train, num_classes)
y_test = keras.utils.to_categorical(y_test, num_classes)

model = keras.Sequential(
    [
        keras.Input(shape=input_shape),
        layers.Conv2D(8, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Conv2D(16, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(num_classes, activation="softmax"),
    ]
)
model.summary()
model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(0.003), metrics=["accuracy"])
history = model.fit(x_train, y_train, batch_size=64, epochs=8, validation_split=0.1, verbose=0)
score = model.evaluate(x_test, y_test, verbose=0)
print("losses fall:", history.history["loss"][-1] < history.history["loss"][0])
print("test accuracy above 0.9:", score[1] > 0.9)

# What the layers make of one picture.
feature_model = keras.Model(inputs=model.inputs, outputs=[layer.output for layer in model.layers[:4]])
for name, feature in zip([layer.name for layer in model.layers], feature_model.predict(x_test[:1], verbose=0)):
    print(name, feature.shape)
filters, biases = model.layers[0].get_weights()
print(filters.shape, biases.shape)
