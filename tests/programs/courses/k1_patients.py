# How a first Keras program looked in 2016.
import numpy
from keras.models import Sequential
from keras.layers.core import Dense, Dropout, Activation

numpy.random.seed(7)
X = numpy.random.rand(200, 8)
Y = (X[:, 1] + X[:, 5] > 1).astype(int)

model = Sequential()
model.add(Dense(12, input_dim=8, init='uniform', activation='relu'))
model.add(Dense(output_dim=8, init='normal', activation='relu', W_regularizer='l2'))
model.add(Dropout(p=0.1))
model.add(Dense(1, init='uniform'))
model.add(Activation('sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])

model.fit(X, Y, nb_epoch=150, batch_size=10, verbose=0)
scores = model.evaluate(X, Y, verbose=0)
print('%s above 85%%: %s' % (model.metrics_names[1], scores[1] > 0.85))
print('classes:', model.predict_classes(X[:3]).shape)
