# Sentiment of short reviews: words become vectors, and an LSTM reads them in both directions.
import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import LSTM, Bidirectional, Dense, Embedding
from tensorflow.keras.models import Sequential
from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.preprocessing.text import Tokenizer

nouns = ['film', 'story', 'cast', 'music', 'ending']
good, bad = ['good', 'fine', 'great', 'moving'], ['bad', 'dull', 'weak', 'boring']
random = np.random.RandomState(1)
texts, labels = [], []
for number in range(200):
    positive = number % 2
    word = random.choice(good if positive else bad)
    # "not" turns the meaning round, so the order of the words matters.
    turned = random.rand() < 0.3
    text = 'the %s was %s%s' % (random.choice(nouns), 'not ' if turned else '', word)
    if random.rand() < 0.5:
        text = 'i think that ' + text
    texts.append(text)
    labels.append(1 - positive if turned else positive)
labels = np.array(labels)

tokenizer = Tokenizer(num_words=50, oov_token='<OOV>')
tokenizer.fit_on_texts(texts)
padded = pad_sequences(tokenizer.texts_to_sequences(texts), maxlen=10, padding='post', truncating='post')
print('shape:', padded.shape, 'first:', padded[0])

model = Sequential([
    Embedding(50, 8, input_length=10, mask_zero=True),
    Bidirectional(LSTM(8, return_sequences=True)),
    Bidirectional(LSTM(6)),
    Dense(6, activation='relu'),
    Dense(1, activation='sigmoid'),
])
model.summary()
model.set_weights([random.normal(0, 0.3, w.shape) for w in model.get_weights()])
model.compile(loss='binary_crossentropy', optimizer=tf.keras.optimizers.Adam(0.02), metrics=['accuracy'])
history = model.fit(padded[:160], labels[:160], epochs=8, batch_size=16, shuffle=False,
                    validation_data=(padded[160:], labels[160:]), verbose=0)
print('loss:', ['%.3f' % value for value in history.history['loss']])
print('accuracy: %.3f' % history.history['val_accuracy'][-1])

new = ['the film was not good', 'i think that the cast was moving', 'the music was dull']
rows = pad_sequences(tokenizer.texts_to_sequences(new), maxlen=10, padding='post')
for text, probability in zip(new, model.predict(rows, verbose=0)[:, 0]):
    print('%-34s %s' % (text, 'good' if probability > 0.5 else 'bad'))
