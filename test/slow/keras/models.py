"""Writes networks of Keras with random weights into FOLDER/NAME: model.json, the files that Keras keeps weights in, inputs and outputs."""

import pathlib
import sys

import keras
import numpy as np
from keras import layers as L

rng = np.random.default_rng(3)


def chain(shape, *layers, name=None):
    inputs = keras.Input(shape)
    x = inputs
    for layer in layers:
        x = layer(x)
    return keras.Model(inputs, x, name=name)


def nested():
    """Two models of equal inner names beside each other, one of them called twice, and a Sequential inside of a Sequential."""
    inputs = keras.Input((6,))
    twins = [
        keras.Sequential([keras.Input((6,)), L.Dense(6, name="same"), L.Dropout(0.3), L.Dense(6, name="last")], name=name)
        for name in ("left", "right")
    ]
    x = twins[1](twins[0](twins[0](inputs)))
    inner = keras.Sequential([keras.Input((6,)), L.Dense(5), L.BatchNormalization()])
    outer = keras.Sequential([keras.Input((6,)), inner, L.Dense(4)])
    return keras.Model(inputs, outer(x))


def shared():
    a, b = keras.Input((5,)), keras.Input((5,))
    tower = L.Dense(4, activation="tanh")
    return keras.Model([a, b], L.Dense(2)(L.Concatenate()([tower(a), tower(b), tower(L.Add()([a, b]))])))


def two_outputs():
    inputs = keras.Input((6,))
    x = L.Dense(8, activation="relu")(inputs)
    return keras.Model(inputs, [L.Dense(3, name="kind")(x), L.Dense(1, name="size")(x)])


def attention():
    inputs = keras.Input((5, 8))
    x = L.MultiHeadAttention(2, 3, dropout=0.1)(inputs, inputs)
    x = L.LayerNormalization()(x + inputs)
    x = L.GroupQueryAttention(4, 4, 2)(x, x)
    x = L.Attention(use_scale=True)([x, x])
    x = L.EinsumDense("abc,cd->abd", output_shape=(None, 4), bias_axes="d")(x)
    return keras.Model(inputs, L.GlobalAveragePooling1D()(x))


def normalized():
    layer = L.Normalization()
    layer.adapt(rng.normal(3, 2, (50, 4)).astype("float32"))
    return chain((4,), layer, L.Dense(3))


MODELS = {
    "plain": lambda: keras.Sequential(
        [
            keras.Input((8, 8, 2)),
            L.RandomFlip(),
            L.Conv2D(4, 3),
            L.BatchNormalization(),
            L.Activation("relu"),
            L.Dropout(0.5),
            L.SeparableConv2D(5, 2),
            L.DepthwiseConv2D(2),
            L.PReLU(),
            L.Flatten(),
            L.Dense(3),
        ]
    ),
    "frozen": lambda: chain((6,), L.Dense(5, trainable=False), L.BatchNormalization(trainable=False), L.Dense(2)),
    "nested": nested,
    "shared": shared,
    "two_outputs": two_outputs,
    "recurrent": lambda: chain(
        (4, 3),
        L.LSTM(2, dropout=0.1, recurrent_dropout=0.1, return_sequences=True),
        L.Bidirectional(L.GRU(2, return_sequences=True)),
        L.RNN([L.LSTMCell(2), L.LSTMCell(3)], return_sequences=True),
        L.TimeDistributed(L.Dense(3)),
        L.Bidirectional(L.RNN([L.LSTMCell(2), L.GRUCell(2)])),
    ),
    "convolutional_lstm": lambda: chain((3, 5, 5, 1), L.ConvLSTM2D(2, 2, return_sequences=True), L.ConvLSTM2D(1, 2), L.Flatten(), L.Dense(2)),
    "attention": attention,
    "normalized": normalized,
    "embedding": lambda: chain((7,), L.Embedding(10, 4), L.SimpleRNN(3), L.Dense(2)),
}


def main(folder):
    for name, build in MODELS.items():
        place = pathlib.Path(folder, name)
        place.mkdir(parents=True)
        model = build()
        for variable in model.weights:
            if variable.dtype == "float32" and not name == "normalized":
                variable.assign(rng.uniform(0.1, 0.6, variable.shape))
        (place / "model.json").write_text(model.to_json())
        model.save(place / "model.keras")
        model.save_weights(place / "own.weights.h5")
        model.save(place / "legacy.h5")
        inputs = [rng.uniform(0, 1, (3, *tensor.shape[1:])).astype("float32") for tensor in model.inputs]
        if name == "embedding":
            inputs = [rng.integers(0, 10, (3, 7)).astype("float32")]
        outputs = model(inputs[0] if len(inputs) == 1 else inputs, training=False)
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        np.savez(place / "inputs.npz", **{f"x{index}": x for index, x in enumerate(inputs)})
        np.savez(place / "outputs.npz", **{f"y{index}": keras.ops.convert_to_numpy(y) for index, y in enumerate(outputs)})
    print(len(MODELS))


if __name__ == "__main__":
    main(sys.argv[1])
