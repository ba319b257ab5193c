# Forecasting a time series: windows of the last 24 values, an LSTM, and the next value.
import numpy as np
import tensorflow as tf

time = np.arange(400, dtype='float32')
series = 10 + np.sin(time / 8) * 4 + np.cos(time / 21) * 2 + 0.02 * time
split, window = 300, 24
mean, std = series[:split].mean(), series[:split].std()
series = (series - mean) / std


def windowed(values, batch_size):
    return tf.keras.utils.timeseries_dataset_from_array(
        values[:-window, None], values[window:], sequence_length=window, batch_size=batch_size)


train, valid = windowed(series[:split], 32), windowed(series[split:], 32)
for x, y in train.take(1):
    print('batch:', x.shape, y.shape)

model = tf.keras.Sequential([
    tf.keras.layers.LSTM(16, return_sequences=True, input_shape=[window, 1]),
    tf.keras.layers.LSTM(8),
    tf.keras.layers.Dense(1),
])
model.summary()
random = np.random.RandomState(0)
model.set_weights([random.normal(0, 0.3, w.shape) for w in model.get_weights()])
model.compile(loss=tf.keras.losses.Huber(), optimizer=tf.keras.optimizers.Adam(0.01), metrics=['mae'])
history = model.fit(train, validation_data=valid, epochs=12, verbose=0)
for name in sorted(history.history):
    print(name, ['%.3f' % value for value in history.history[name][::3]])

# Forecast ten steps ahead, each from the forecasts before it.
seen = list(series[-window:])
for _ in range(10):
    seen.append(float(model.predict(np.array(seen[-window:])[None, :, None], verbose=0)[0, 0]))
print('ahead:', ' '.join('%.2f' % (value * std + mean) for value in seen[window:]))
