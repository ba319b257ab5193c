# Loads the model that train_and_save.py has saved, compiles it again and trains it further.
import tensorflow as tf

(images, labels), (test_images, test_labels) = tf.keras.datasets.mnist.load_data()
images, test_images = images / 255.0, test_images / 255.0

model = tf.keras.models.load_model("digits.h5")
print("\nLoaded: digits.h5")
model.compile(loss='sparse_categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(images, labels, batch_size=200, epochs=2, verbose=2, validation_data=(test_images, test_labels))
model.evaluate(test_images, test_labels, batch_size=200, verbose=2)
