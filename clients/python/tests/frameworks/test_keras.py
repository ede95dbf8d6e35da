"""gradinit.keras with real Keras, against the service of GRADINIT_URL."""

import unittest

import keras
import numpy as np

import gradinit
from gradinit import keras as gradinit_keras


def model(width=8):
    layers = keras.layers
    return keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(width, 3, activation="relu"), layers.Flatten(), layers.Dense(10)])


class Keras(unittest.TestCase):
    def test_from_a_model_to_a_model(self):
        given = model()
        before = [array.copy() for array in given.get_weights()]
        x, y = np.random.default_rng(0).normal(size=(96, 8, 8, 1)).astype("float32"), np.arange(96) % 10
        method = {"name": "gradinit", "options": {"iterations": 4, "batchSize": 32, "learningRate": 1e-2}}
        job = gradinit_keras.submit(given, (x, y), method=method)
        with gradinit.Client() as client:
            client.wait(job["id"])
        self.assertEqual(len(gradinit_keras.load(given, job)), 4)
        self.assertFalse(np.array_equal(before[0], given.get_weights()[0]))
        self.assertTrue(np.all(np.isfinite(given.predict(x[:4], verbose=0))))
        with self.assertRaises(gradinit.WeightsMismatch):
            gradinit_keras.load(model(9), job["id"])


if __name__ == "__main__":
    unittest.main()
