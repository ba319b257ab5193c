# What stands at the top of many programs.
import os
os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
import random
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras.layers import *
from tensorflow.keras.models import *

tf.get_logger().setLevel('ERROR')
tf.autograph.set_verbosity(0)
random.seed(0); np.random.seed(0); tf.random.set_seed(0)
print('GPUs:', len(tf.config.experimental.list_physical_devices('GPU')))
gpus = tf.config.list_physical_devices('GPU')
if gpus:
    tf.config.experimental.set_memory_growth(gpus[0], True)
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
keras.backend.clear_session()
keras.backend.set_floatx('float64')
model = Sequential([Input(shape=(2,)), Dense(2, name='only')])
print(model.weights[0].dtype.name, keras.backend.floatx(), keras.backend.image_data_format())
keras.utils.plot_model(model, to_file='model.svg', show_shapes=True)
print('drawn:', os.path.exists('model.svg'))
