# The digits with Keras 2 as of 2017, with validation and a learning curve.
import numpy as np
from keras.datasets import mnist
from keras.models import Sequential
from keras.layers import Dense, Dropout, Flatten
from keras.optimizers import SGD, RMSprop
from keras.callbacks import EarlyStopping, ModelCheckpoint
from keras.utils import np_utils
from keras import backend as K

(X_train, y_train), (X_test, y_test) = mnist.load_data()
X_train, y_train = X_train[:4000], y_train[:4000]
X_train = X_train.reshape(4000, 784).astype(K.floatx()) / 255
X_test = X_test.reshape(10000, 784).astype('float32') / 255
Y_train = np_utils.to_categorical(y_train, nb_classes=10)
Y_test = np_utils.to_categorical(y_test, 10)

model = Sequential()
model.add(Dense(64, input_shape=(784,), activation='relu', kernel_initializer='he_normal'))
model.add(Dropout(0.2))
model.add(Dense(10, activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer=RMSprop(lr=0.002, decay=1e-4), metrics=['accuracy'])

stop = EarlyStopping(monitor='val_acc', patience=3, mode='max')
history = model.fit(X_train, Y_train, batch_size=100, epochs=8, verbose=0,
                    validation_data=(X_test, Y_test), callbacks=[stop])
print(sorted(history.history) if 'accuracy' in history.history else 'no accuracy')
print('learns:', history.history['acc'][-1] > history.history['acc'][0])
score = model.evaluate(X_test, Y_test, verbose=0)
print('test accuracy above 0.88:', score[1] > 0.88)
print('probabilities:', model.predict_proba(X_test[:2]).shape)
