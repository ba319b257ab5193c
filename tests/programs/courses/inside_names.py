# Editors used to write imports from TensorFlow's inside.
import numpy as np
from tensorflow.python.keras import backend as K
from tensorflow.python.keras.models import Sequential
from tensorflow.python.keras.layers import Dense
from tensorflow.python.keras.layers.normalization import BatchNormalization
from tensorflow.python.keras.optimizer_v2.gradient_descent import SGD
from tensorflow.python.keras.utils.np_utils import to_categorical

K.clear_session()
x = np.array([[0., 0.], [0., 1.], [1., 0.], [1., 1.]], 'float32')
y = to_categorical([0, 1, 1, 2])
model = Sequential([Dense(16, input_dim=2, activation='tanh'), BatchNormalization(momentum=0.8), Dense(3, activation='softmax')])
model.compile(optimizer=SGD(lr=0.1, momentum=0.9), loss='categorical_crossentropy', metrics=['acc'])
history = model.fit(x, y, epochs=200, verbose=0)
print(list(history.history))
print('learnt:', model.predict([[0, 0], [1, 1]], verbose=0).argmax(axis=1))
