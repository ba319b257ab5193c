# Are these reviews good? Words become vectors, padding does not count, and the mean of the words decides.
import numpy as np
import tensorflow as tf
from tensorflow.keras.preprocessing.text import Tokenizer
from tensorflow.keras.preprocessing.sequence import pad_sequences

good = ['what a good film', 'good and fine', 'a fine fine day', 'fine work', 'good']
bad = ['what a bad film', 'bad and dull', 'a dull dull day', 'dull work', 'bad']
labels = np.array([1] * 5 + [0] * 5)
tokenizer = Tokenizer(oov_token='<other>')
tokenizer.fit_on_texts(good + bad)
rows = pad_sequences(tokenizer.texts_to_sequences(good + bad), maxlen=6, padding='post')
print(rows.shape, rows[4])

tf.random.set_seed(1)
model = tf.keras.Sequential([
    tf.keras.layers.Embedding(len(tokenizer.word_index) + 1, 8, mask_zero=True),
    tf.keras.layers.GlobalAveragePooling1D(),
    tf.keras.layers.Dense(1, activation='sigmoid'),
])
model.compile(optimizer=tf.keras.optimizers.Adam(0.05), loss='binary_crossentropy', metrics=['accuracy'])
model.fit(rows, labels, epochs=60, verbose=0)
print('accuracy: %.2f' % model.evaluate(rows, labels, verbose=0)[1])
longer = np.pad(rows, [(0, 0), (0, 4)])
print('padding counts:', not np.allclose(model.predict(rows, verbose=0), model.predict(longer, verbose=0), atol=1e-6))
