# Is it praise? Words as numbers, and a small network.
import numpy as np
from tensorflow.keras.preprocessing.text import Tokenizer
from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Embedding, Flatten, Dense

docs = ['Well done!', 'Good work', 'Great effort', 'nice work', 'Excellent!',
        'Weak', 'Poor effort!', 'not good', 'poor work', 'Could have done better.']
labels = np.array([1] * 5 + [0] * 5)
tokenizer = Tokenizer(oov_token='<unknown>')
tokenizer.fit_on_texts(docs)
print(len(tokenizer.word_index), 'words;', tokenizer.texts_to_sequences(['good film']))
padded = pad_sequences(tokenizer.texts_to_sequences(docs), maxlen=4, padding='post')
print(padded[7])
model = Sequential([Embedding(len(tokenizer.word_index) + 1, 8, input_length=4), Flatten(),
                    Dense(1, activation='sigmoid')])
model.compile(optimizer='adam', loss='binary_crossentropy', metrics=['acc'])
history = model.fit(padded, labels, epochs=300, verbose=0)
print('accuracy:', round(history.history['acc'][-1], 2))
