"""Digits with Keras, as a course writes it: pictures, a softmax layer, 15 epochs, curves, one guess."""

import matplotlib.pyplot as plt
import tensorflow as tf

(images, labels), (test_images, test_labels) = tf.keras.datasets.mnist.load_data()
images, test_images = images / 255.0, test_images / 255.0

figure, places = plt.subplots(3, 12, figsize=(8, 2))
for place, image in zip(places.flat, images[:36], strict=True):
    place.imshow(image, cmap="gray")
    place.axis("off")
plt.show()
print("training:", images.shape, labels.shape, "test:", test_images.shape, test_labels.shape)

model = tf.keras.models.Sequential()
model.add(tf.keras.layers.Flatten(input_shape=(28, 28)))
model.add(tf.keras.layers.Dense(10, activation="softmax"))
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.summary()
found = model.fit(
    images, labels, batch_size=100, epochs=15, verbose=2, validation_data=(test_images, test_labels)
).history
model.evaluate(test_images, test_labels, batch_size=100, verbose=2)

plt.figure(figsize=(8, 4))
plt.subplot(1, 2, 1)
plt.title("loss")
plt.plot(found["loss"])
plt.subplot(1, 2, 2)
plt.title("accuracy")
plt.plot(found["accuracy"], "b-", label="training")
plt.plot(found["val_accuracy"], "r:", label="test")
plt.legend()
plt.tight_layout()
plt.show()

guess = tf.argmax(model.predict(test_images[:1]), axis=1)
print("guess:", guess.numpy(), "truth:", test_labels[:1])
plt.imshow(test_images[0])
plt.axis("off")
plt.show()
