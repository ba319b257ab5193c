# Two networks in one model without call(): one makes numbers, the other tells them from real ones.
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

tf.random.set_seed(2)
real = 3.0 + 0.5 * tf.random.normal([512, 1])


class GAN(keras.Model):
    def __init__(self):
        super().__init__()
        self.judge = keras.Sequential([layers.Dense(16, activation='relu', input_shape=(1,)), layers.Dense(1)])
        self.maker = keras.Sequential([layers.Dense(16, activation='relu', input_shape=(4,)), layers.Dense(1)])
        self.judge_loss = keras.metrics.Mean(name='judge_loss')
        self.maker_loss = keras.metrics.Mean(name='maker_loss')

    def compile(self, judge_optimizer, maker_optimizer, loss_fn):
        super().compile()
        self.judge_optimizer = judge_optimizer
        self.maker_optimizer = maker_optimizer
        self.loss_fn = loss_fn

    @property
    def metrics(self):
        return [self.judge_loss, self.maker_loss]

    def train_step(self, numbers):
        count = tf.shape(numbers)[0]
        made = self.maker(tf.random.normal((count, 4)))
        both = tf.concat([made, numbers], axis=0)
        labels = tf.concat([tf.ones((count, 1)), tf.zeros((count, 1))], axis=0)
        with tf.GradientTape() as tape:
            loss = self.loss_fn(labels, self.judge(both))
        grads = tape.gradient(loss, self.judge.trainable_weights)
        self.judge_optimizer.apply_gradients(zip(grads, self.judge.trainable_weights))
        with tf.GradientTape() as tape:
            fooled = self.loss_fn(tf.zeros((count, 1)), self.judge(self.maker(tf.random.normal((count, 4)))))
        grads = tape.gradient(fooled, self.maker.trainable_weights)
        self.maker_optimizer.apply_gradients(zip(grads, self.maker.trainable_weights))
        self.judge_loss.update_state(loss)
        self.maker_loss.update_state(fooled)
        return {m.name: m.result() for m in self.metrics}


gan = GAN()
gan.compile(keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.01), keras.losses.BinaryCrossentropy(from_logits=True))
dataset = tf.data.Dataset.from_tensor_slices(real).shuffle(512).batch(64)
history = gan.fit(dataset, epochs=30, verbose=0)
print(sorted(history.history))
print('near 3:', abs(float(tf.reduce_mean(gan.maker(tf.random.normal((256, 4))))) - 3.0) < 1.0)
