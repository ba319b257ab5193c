# A model in the form of an estimator, and a search over settings by hand.
import numpy as np
from keras.models import Sequential
from keras.layers import Dense
from keras.wrappers.scikit_learn import KerasClassifier, KerasRegressor
from keras.constraints import maxnorm

np.random.seed(3)
X = np.random.randn(120, 4)
names = np.where(X[:, 0] > X[:, 1], 'left', 'right')

def create_model(neurons=1, init='uniform'):
    model = Sequential()
    model.add(Dense(neurons, input_dim=4, kernel_initializer=init, activation='relu', kernel_constraint=maxnorm(3)))
    model.add(Dense(2, kernel_initializer=init, activation='softmax'))
    model.compile(loss='sparse_categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
    return model

best = None
for neurons in (2, 16):
    classifier = KerasClassifier(build_fn=create_model, neurons=neurons, epochs=40, batch_size=10, verbose=0)
    classifier.fit(X[:80], names[:80])
    best = max(best or 0, classifier.score(X[80:], names[80:]))
print('best above 0.85:', best > 0.85)
print(classifier.predict(X[:1])[0] in ('left', 'right'), classifier.predict_proba(X[:3]).shape)
print(classifier.get_params()['neurons'], classifier.set_params(neurons=4).get_params()['neurons'])
