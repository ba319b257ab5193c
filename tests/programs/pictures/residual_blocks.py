# Residual blocks and separable convolutions with batch normalization, and a loop of one's own.
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(6)
rng = np.random.default_rng(3)
labels = rng.integers(0, 3, 240)
x = rng.uniform(0, 0.4, (240, 16, 16, 3)).astype("float32")
for picture, label in zip(x, labels):
    start = rng.integers(2, 6)
    if label == 0:
        picture[start:start + 3] += 0.5
    elif label == 1:
        picture[:, start:start + 3] += 0.5
    else:
        picture[start:start + 6, start:start + 6] += 0.5


def residual_block(x, filters, pooling=False):
    residual = x
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.Activation("relu")(x)
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    if pooling:
        x = layers.MaxPooling2D(2, padding="same")(x)
        residual = layers.Conv2D(filters, 1, strides=2)(residual)
    elif filters != residual.shape[-1]:
        residual = layers.Conv2D(filters, 1)(residual)
    x = layers.add([x, residual])
    return layers.ReLU()(x)


def depthwise_block(x, filters, strides=1):
    x = layers.DepthwiseConv2D(3, strides=strides, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.ReLU(6.0)(x)
    x = layers.Conv2D(filters, 1, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.ReLU(6.0)(x)


inputs = keras.Input(shape=(16, 16, 3))
x1 = residual_block(inputs, 8, pooling=True)
x1 = residual_block(x1, 8)
x1 = depthwise_block(x1, 12, strides=2)
x1 = layers.SeparableConv2D(12, 3, padding="same", activation="relu")(x1)
x1 = layers.GlobalAveragePooling2D()(x1)
outputs = layers.Dense(3, activation="softmax")(x1)
model = keras.Model(inputs=inputs, outputs=outputs, name="little_resnet")
print(model.count_params(), len(model.trainable_weights), len(model.non_trainable_weights))
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, labels, batch_size=40, epochs=20, verbose=0)
loss, accuracy = model.evaluate(x, labels, verbose=0)
print("accuracy above 0.9:", accuracy > 0.9)

optimizer = keras.optimizers.SGD(0.01, momentum=0.9)
loss_fn = keras.losses.SparseCategoricalCrossentropy()


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_weights)
    optimizer.apply_gradients(zip(grads, model.trainable_weights))
    return loss


dataset = tf.data.Dataset.from_tensor_slices((x, labels)).shuffle(240, seed=1).batch(40)
losses = [float(tf.reduce_mean([train_step(xb, yb) for xb, yb in dataset])) for _ in range(4)]
print(len(losses), "finite:", bool(np.isfinite(losses).all()))
with tf.GradientTape() as tape:
    picture = tf.constant(x[:1])
    tape.watch(picture)
    top = model(picture)[:, int(labels[0])]
print("saliency:", tape.gradient(top, picture).shape)
