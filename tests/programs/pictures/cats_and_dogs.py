# Two kinds of pictures in folders, and ImageDataGenerator.
import os
import shutil
import tempfile

import numpy as np
from tensorflow import keras
from tensorflow.keras.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from tensorflow.keras.models import Sequential
from tensorflow.keras.preprocessing import image
from tensorflow.keras.preprocessing.image import ImageDataGenerator

keras.utils.set_random_seed(2)
base_dir = tempfile.mkdtemp()


def draw(kind, rng):
    """A bright disc for a cat, bright stripes for a dog."""
    y, x = np.mgrid[0:40, 0:40]
    picture = rng.uniform(0, 90, (40, 40, 3))
    if kind == "cats":
        picture[(x - rng.uniform(14, 26)) ** 2 + (y - rng.uniform(14, 26)) ** 2 < 90] += 120
    else:
        picture[(x + y + rng.integers(0, 8)) % 8 < 3] += 120
    return picture


rng = np.random.default_rng(0)
for split, count in (("train", 40), ("validation", 20)):
    for kind in ("cats", "dogs"):
        folder = os.path.join(base_dir, split, kind)
        os.makedirs(folder)
        for i in range(count):
            image.save_img(os.path.join(folder, f"{kind[:3]}.{i}.jpg"), draw(kind, rng), scale=False)

train_datagen = ImageDataGenerator(
    rescale=1.0 / 255, rotation_range=20, width_shift_range=0.1, height_shift_range=0.1, shear_range=0.1,
    zoom_range=0.1, horizontal_flip=True, fill_mode="nearest")
test_datagen = ImageDataGenerator(rescale=1.0 / 255)
train_generator = train_datagen.flow_from_directory(
    os.path.join(base_dir, "train"), target_size=(32, 32), batch_size=20, class_mode="binary", seed=1)
validation_generator = test_datagen.flow_from_directory(
    os.path.join(base_dir, "validation"), target_size=(32, 32), batch_size=20, class_mode="binary", shuffle=False)
print(train_generator.class_indices, train_generator.image_shape, len(train_generator))

model = Sequential([
    Conv2D(8, (3, 3), activation="relu", input_shape=(32, 32, 3)),
    MaxPooling2D(2, 2),
    Conv2D(8, (3, 3), activation="relu"),
    MaxPooling2D(2, 2),
    Flatten(),
    Dropout(0.2),
    Dense(16, activation="relu"),
    Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.RMSprop(learning_rate=0.003), loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(train_generator, steps_per_epoch=4, epochs=12, validation_data=validation_generator,
                    validation_steps=2, verbose=0)
print(sorted(history.history), len(history.history["val_loss"]))
loss, accuracy = model.evaluate(validation_generator, verbose=0)
print("validation accuracy above 0.85:", accuracy > 0.85)
validation_generator.reset()
predicted = (model.predict(validation_generator, verbose=0)[:, 0] > 0.5).astype(int)
print("the same from predict:", abs((predicted == validation_generator.classes).mean() - accuracy) < 0.01)

img = image.load_img(validation_generator.filepaths[0], target_size=(32, 32))
x = image.img_to_array(img)
x = np.expand_dims(x, axis=0) / 255.0
print(x.shape, x.dtype, "cat" if model.predict(x, verbose=0)[0, 0] < 0.5 else "dog")
i = 0
for batch in train_datagen.flow(x * 255, batch_size=1):
    i += 1
    print("changed:", batch.shape, 0 <= batch.min() <= batch.max() <= 1.0001)
    if i == 2:
        break
shutil.rmtree(base_dir)
