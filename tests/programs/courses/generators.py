# Data that comes from generators and from a Sequence.
import numpy as np
from keras.models import Sequential
from keras.layers import Dense
from keras.utils import Sequence

def batches(size):
    rng = np.random.RandomState(1)
    while True:
        x = rng.rand(size, 2)
        yield x, x.sum(axis=1, keepdims=True)

class Pairs(Sequence):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        x = np.full((5, 2), index / 4.0)
        return x, x.sum(axis=1, keepdims=True)

model = Sequential()
model.add(Dense(1, input_dim=2))
model.compile('adam', 'mse')
model.optimizer.lr = 0.1
model.fit_generator(batches(20), steps_per_epoch=10, epochs=20, verbose=0, workers=4, use_multiprocessing=False)
print('loss below 0.01:', model.evaluate_generator(Pairs(), steps=4) < 0.01)
print('predictions:', model.predict_generator(Pairs(), steps=4).shape)
model.fit(Pairs(), epochs=2, verbose=0, max_queue_size=10)
