# Convolutions of volumes belong to TensorFlow itself, and the program is told so.
from keras.models import Sequential
from keras.layers.core import Dense, Flatten
from keras.layers.convolutional import Conv3D, MaxPooling3D

model = Sequential()
model.add(Conv3D(32, (3, 3, 3), input_shape=(28, 28, 28, 1), activation='relu'))
