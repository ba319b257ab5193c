# Which language is a name from? A simple recurrent network reads it letter by letter.
import string

import numpy as np
import tensorflow as tf

names = {
    'Italian': 'Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti Costa',
    'German': 'Mueller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer Richter Klein',
    'Japanese': 'Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada Sasaki Mori',
}
letters = string.ascii_lowercase
longest = max(len(name) for group in names.values() for name in group.split())
x, y, shown = [], [], []
for label, group in enumerate(names.values()):
    for name in group.split():
        row = np.zeros((longest, len(letters)), 'float32')
        for place, letter in enumerate(name.lower()):
            row[place, letters.index(letter)] = 1
        x.append(row)
        y.append(label)
        shown.append(name)
x, y = np.array(x), tf.keras.utils.to_categorical(y, 3)
print('data:', x.shape, y.shape)

model = tf.keras.models.Sequential()
model.add(tf.keras.layers.Masking(mask_value=0.0, input_shape=(longest, len(letters))))
model.add(tf.keras.layers.SimpleRNN(20, activation='tanh'))
model.add(tf.keras.layers.Dense(3, activation='softmax'))
model.summary()
random = np.random.RandomState(5)
model.set_weights([random.normal(0, 0.2, w.shape) for w in model.get_weights()])
model.compile(loss='categorical_crossentropy', optimizer=tf.keras.optimizers.SGD(0.1), metrics=['accuracy'])
history = model.fit(x, y, epochs=40, batch_size=14, shuffle=False, verbose=0)
print('loss:', ['%.3f' % value for value in history.history['loss'][::8]])
print('accuracy: %.3f' % model.evaluate(x, y, verbose=0)[1])
chosen = np.argmax(model.predict(x, verbose=0), axis=1)
for place in (0, 20, 35):
    print(shown[place], '->', list(names)[chosen[place]])
