# A transformer block for classifying sequences of tokens, written as layers of one's own.
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


class TransformerBlock(layers.Layer):
    def __init__(self, embed_dim, num_heads, ff_dim, rate=0.0):
        super().__init__()
        self.att = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)
        self.ffn = keras.Sequential([layers.Dense(ff_dim, activation='relu'), layers.Dense(embed_dim)])
        self.layernorm1 = layers.LayerNormalization(epsilon=1e-6)
        self.layernorm2 = layers.LayerNormalization(epsilon=1e-6)
        self.dropout1 = layers.Dropout(rate)
        self.dropout2 = layers.Dropout(rate)

    def call(self, inputs, training=None):
        attn_output = self.att(inputs, inputs)
        attn_output = self.dropout1(attn_output, training=training)
        out1 = self.layernorm1(inputs + attn_output)
        ffn_output = self.ffn(out1)
        ffn_output = self.dropout2(ffn_output, training=training)
        return self.layernorm2(out1 + ffn_output)


class TokenAndPositionEmbedding(layers.Layer):
    def __init__(self, maxlen, vocab_size, embed_dim):
        super().__init__()
        self.token_emb = layers.Embedding(input_dim=vocab_size, output_dim=embed_dim)
        self.pos_emb = layers.Embedding(input_dim=maxlen, output_dim=embed_dim)

    def call(self, x):
        maxlen = tf.shape(x)[-1]
        positions = tf.range(start=0, limit=maxlen, delta=1)
        return self.token_emb(x) + self.pos_emb(positions)


# The label: does the token 1 come before the token 2?
random = np.random.RandomState(4)
x = random.randint(3, 12, (320, 10))
for row in x:
    first, second = sorted(random.choice(10, 2, replace=False))
    row[first], row[second] = (1, 2) if random.rand() < 0.5 else (2, 1)
y = np.array([int(np.argmax(row == 1) < np.argmax(row == 2)) for row in x])

inputs = layers.Input(shape=(10,))
out = TokenAndPositionEmbedding(10, 12, 16)(inputs)
out = TransformerBlock(16, 2, 24)(out)
out = layers.GlobalAveragePooling1D()(out)
out = layers.Dropout(0.0)(out)
out = layers.Dense(12, activation='relu')(out)
outputs = layers.Dense(2, activation='softmax')(out)
model = keras.Model(inputs=inputs, outputs=outputs)
model.summary()
model.set_weights([w if w.ndim == 1 else random.normal(0, 0.25, w.shape) for w in model.get_weights()])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss='sparse_categorical_crossentropy', metrics=['accuracy'])
history = model.fit(x[:256], y[:256], batch_size=32, epochs=8, shuffle=False,
                    validation_data=(x[256:], y[256:]), verbose=0)
print('loss:', ['%.3f' % value for value in history.history['loss'][:4]])
print('learned:', history.history['loss'][-1] < 0.2)
