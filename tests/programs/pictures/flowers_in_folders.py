# Pictures as a tf.data.Dataset, and augmentation by layers.
import pathlib
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

tf.keras.utils.set_random_seed(3)
data_dir = pathlib.Path(tempfile.mkdtemp())
rng = np.random.default_rng(1)
COLORS = {"daisy": (230, 230, 220), "roses": (200, 30, 60), "violets": (90, 40, 190)}
for name, color in COLORS.items():
    (data_dir / name).mkdir()
    for i in range(30):
        picture = rng.uniform(0, 60, (24, 30, 3))
        top, left = rng.integers(2, 10, 2)
        picture[top:top + 12, left:left + 14] += np.array(color) * rng.uniform(0.6, 0.8)
        keras.utils.save_img(data_dir / name / f"{i}.png", picture.clip(0, 255), scale=False)
print(len(list(data_dir.glob("*/*.png"))))

batch_size, img_height, img_width = 16, 20, 20
train_ds = tf.keras.utils.image_dataset_from_directory(
    data_dir, validation_split=0.2, subset="training", seed=123, image_size=(img_height, img_width),
    batch_size=batch_size)
val_ds = tf.keras.utils.image_dataset_from_directory(
    data_dir, validation_split=0.2, subset="validation", seed=123, image_size=(img_height, img_width),
    batch_size=batch_size)
class_names = train_ds.class_names
print(class_names)
for image_batch, labels_batch in train_ds:
    print(image_batch.shape, labels_batch.shape, image_batch.dtype)
    break

AUTOTUNE = tf.data.AUTOTUNE
train_ds = train_ds.cache().shuffle(100).prefetch(buffer_size=AUTOTUNE)
val_ds = val_ds.cache().prefetch(buffer_size=AUTOTUNE)

data_augmentation = keras.Sequential([
    layers.RandomFlip("horizontal", input_shape=(img_height, img_width, 3)),
    layers.RandomRotation(0.1),
    layers.RandomZoom(0.1),
])
num_classes = len(class_names)
model = keras.Sequential([
    data_augmentation,
    layers.Rescaling(1.0 / 255),
    layers.Conv2D(8, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(16, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Dropout(0.2),
    layers.Flatten(),
    layers.Dense(32, activation="relu"),
    layers.Dense(num_classes, name="outputs"),
])
model.compile(optimizer=keras.optimizers.Adam(0.003), metrics=["accuracy"],
              loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
print(model.count_params(), "parameters")
history = model.fit(train_ds, validation_data=val_ds, epochs=12, verbose=0)
print("validation accuracy above 0.9:", max(history.history["val_accuracy"]) > 0.9)

img = tf.keras.utils.load_img(data_dir / "roses" / "0.png", target_size=(img_height, img_width))
img_array = tf.expand_dims(tf.keras.utils.img_to_array(img), 0)
score = tf.nn.softmax(model.predict(img_array, verbose=0)[0])
print("most likely:", class_names[np.argmax(score)])


# The same by hand.
def process_path(file_path):
    label = tf.strings.split(file_path, "/")[-2] == class_names
    img = tf.io.decode_png(tf.io.read_file(file_path), channels=3)
    return tf.image.resize(img, [img_height, img_width]), tf.argmax(tf.cast(label, tf.int32))


list_ds = tf.data.Dataset.list_files(str(data_dir / "*/*"), shuffle=False)
labeled = list_ds.map(process_path, num_parallel_calls=AUTOTUNE).batch(30)
print([(x.shape.as_list(), int(tf.reduce_min(y)), int(tf.reduce_max(y))) for x, y in labeled])
