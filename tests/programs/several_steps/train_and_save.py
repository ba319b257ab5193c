# Trains a small network on digits and saves the whole model in one HDF5 file.
import tensorflow as tf

(images, labels), (test_images, test_labels) = tf.keras.datasets.mnist.load_data()
images, test_images = images / 255.0, test_images / 255.0

model = tf.keras.models.Sequential()
model.add(tf.keras.layers.Flatten(input_shape=(28, 28)))
model.add(tf.keras.layers.Dense(10, activation='softmax'))
model.compile(loss='sparse_categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(images, labels, batch_size=200, epochs=4, verbose=2,
          validation_data=(test_images, test_labels), use_multiprocessing=True)
model.evaluate(test_images, test_labels, batch_size=200, verbose=2, use_multiprocessing=True)

model.save("digits.h5")
print("\nSaved: digits.h5")
