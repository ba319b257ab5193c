# Sequence to sequence: an encoder reads digits, and a decoder that starts with its states writes them backwards.
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

DIGITS, LENGTH, UNITS = 6, 4, 24
START = DIGITS
random = np.random.RandomState(3)
source = random.randint(0, DIGITS, (300, LENGTH))
target = source[:, ::-1]
encoder_data = np.eye(DIGITS + 1, dtype='float32')[source]
decoder_data = np.eye(DIGITS + 1, dtype='float32')[np.insert(target[:, :-1], 0, START, axis=1)]

encoder_inputs = keras.Input(shape=(None, DIGITS + 1), name='encoder_input')
encoder = layers.LSTM(UNITS, return_state=True, name='encoder')
encoder_outputs, state_h, state_c = encoder(encoder_inputs)
decoder_inputs = keras.Input(shape=(None, DIGITS + 1), name='decoder_input')
decoder = layers.LSTM(UNITS, return_sequences=True, return_state=True, name='decoder')
decoder_outputs, _, _ = decoder(decoder_inputs, initial_state=[state_h, state_c])
output = layers.Dense(DIGITS + 1, activation='softmax', name='letters')
model = keras.Model([encoder_inputs, decoder_inputs], output(decoder_outputs))
model.summary()
model.set_weights([random.normal(0, 0.3, w.shape) for w in model.get_weights()])
model.compile(optimizer=keras.optimizers.Adam(0.02), loss='sparse_categorical_crossentropy', metrics=['accuracy'])
history = model.fit([encoder_data, decoder_data], target, batch_size=50, epochs=15, shuffle=False, verbose=0)
print('loss:', ['%.3f' % value for value in history.history['loss'][::2]])

# Two models for writing: one gives the states, the other takes a step.
encoder_model = keras.Model(encoder_inputs, [state_h, state_c])
inputs_of_states = [keras.Input(shape=(UNITS,)), keras.Input(shape=(UNITS,))]
stepped, h, c = decoder(decoder_inputs, initial_state=inputs_of_states)
decoder_model = keras.Model([decoder_inputs] + inputs_of_states, [output(stepped), h, c])


def write(row):
    states = encoder_model.predict(row[None], verbose=0)
    letter, found = START, []
    for _ in range(LENGTH):
        step = np.eye(DIGITS + 1, dtype='float32')[[[letter]]]
        probabilities, h, c = decoder_model.predict([step] + states, verbose=0)
        letter, states = int(probabilities[0, -1].argmax()), [h, c]
        found.append(letter)
    return found


written = [write(encoder_data[number]) for number in range(8)]
print('same as the teacher-forced model:', float(np.mean([w == t.tolist() for w, t in zip(written, target)])) > 0.4)
