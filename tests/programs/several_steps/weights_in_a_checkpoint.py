# Saves the weights of one model in a checkpoint and loads them into another one.
import tensorflow as tf


def new_model():
    layers = [tf.keras.layers.Flatten(input_shape=(28, 28)), tf.keras.layers.Dense(10, activation='softmax')]
    model = tf.keras.models.Sequential(layers)
    model.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['accuracy'])
    return model


(images, labels), (test_images, test_labels) = tf.keras.datasets.mnist.load_data()
images, test_images = images / 255.0, test_images / 255.0

first = new_model()
first.fit(images, labels, batch_size=100, epochs=1, verbose=2)
first.save_weights('./kept/after_one_epoch')
second = new_model()
second.load_weights('./kept/after_one_epoch')
print("First: ", first.evaluate(test_images, test_labels, batch_size=100, verbose=2))
print("Second:", second.evaluate(test_images, test_labels, batch_size=100, verbose=2))
