# Three bits and whether an odd number of them is set; TensorBoard's log goes to a folder in Windows's spelling.
import matplotlib.pyplot as plt
import tensorflow as tf

bits = tf.constant([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)], dtype=tf.float32)
odd = tf.reduce_sum(bits, axis=1, keepdims=True) % 2
model = tf.keras.models.Sequential([
    tf.keras.layers.Dense(12, input_dim=3, activation='relu'),
    tf.keras.layers.Dense(1, activation='sigmoid')
])
model.compile(optimizer='adam', loss='mean_squared_error', metrics=["accuracy"])
model.summary()

log = tf.keras.callbacks.TensorBoard(log_dir=r"c:\temp\parity", histogram_freq=1)
history = model.fit(bits, odd, batch_size=8, epochs=300, validation_data=(bits, odd), callbacks=[log],
                    verbose=2, use_multiprocessing=True)
model.evaluate(bits, odd, verbose=2, use_multiprocessing=True)
plt.plot(history.history['loss'])
plt.plot(history.history['val_accuracy'], 'r:', label="validation accuracy")
plt.legend()
plt.show()
question = [[1, 0, 0]]
answer = model.predict(question)
print("Odd in {}: {} {}".format(question, answer, tf.cast(answer > 0.5, tf.float32).numpy()))
