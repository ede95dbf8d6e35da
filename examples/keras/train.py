"""A Keras model whose training starts from weights of gradinit-service: python examples/keras/train.py [EPOCHS]"""

import sys

import keras
import numpy as np

import gradinit
from gradinit import keras as gradinit_keras
from gradinit import progress


def blobs(samples=600, classes=4):
    """Pictures of noise with a bright corner, one corner for each class."""
    random = np.random.default_rng(0)
    labels = np.arange(samples) % classes
    images = random.normal(scale=0.5, size=(samples, 8, 8, 1)).astype("float32")
    for corner, (row, column) in enumerate([(0, 0), (0, 4), (4, 0), (4, 4)]):
        images[labels == corner, row : row + 4, column : column + 4] += 1
    return images, labels


def network():
    layers = keras.layers
    blocks = [part for width in (16, 16, 32, 32) for part in (layers.Conv2D(width, 3, padding="same"), layers.ReLU())]
    return keras.Sequential([keras.Input((8, 8, 1)), *blocks, layers.GlobalAveragePooling2D(), layers.Dense(4)])


def main(epochs=3):
    keras.utils.set_random_seed(0)
    images, labels = blobs()
    model = network()
    method = {"name": "gradinit", "options": {"learningRate": 0.01, "iterations": 60, "batchSize": 64}}
    job = gradinit_keras.submit(model, (images, labels), method=method)
    progress.follow(job)
    gradinit_keras.load(model, job)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), loss, metrics=["accuracy"])
    history = model.fit(images, labels, epochs=epochs, batch_size=64, verbose=2)
    print(f"accuracy {history.history['accuracy'][-1]:.3f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
