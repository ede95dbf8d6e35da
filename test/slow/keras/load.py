"""Loads what the service wrote into models rebuilt in this process, and compares outputs: FOLDER/NAME as models.py and the test left them."""

import pathlib
import sys

import gradinit.keras
import keras
import numpy as np
from gradinit.errors import WeightsMismatch
from gradinit.numpy import read_weights


def renamed(layer):
    """A copy under another name."""
    config = layer.get_config()
    config["name"] = f"other_{config['name']}"
    return layer.__class__.from_config(config)


def rebuilt(place):
    return keras.models.model_from_json((place / "model.json").read_text())


def ways(place):
    """Each documented way from the files of a job to a model."""
    file = place / "out" / "weights.safetensors"
    model = rebuilt(place)
    gradinit.keras.load(model, file)
    yield "by path", model
    model = keras.models.clone_model(rebuilt(place), clone_function=renamed, recursive=True)
    gradinit.keras.load(model, file)
    yield "renamed", model
    model = rebuilt(place)
    gradinit.keras.load(model, place / "out" / "weights.npz")
    yield "npz", model
    model = rebuilt(place)
    if len({variable.path for variable in model.weights}) == len(model.weights):
        gradinit.keras.load(model, {variable.path: value for variable, value in zip(model.weights, read_weights(file).values())})
        yield "mapping", model
    yield "load_model", keras.saving.load_model(place / "out" / "model.keras")
    model = rebuilt(place)
    model.load_weights(place / "out" / "model.keras")
    yield "load_weights", model


def predict(model, place):
    inputs = list(np.load(place / "inputs.npz").values())
    outputs = model(inputs[0] if len(inputs) == 1 else inputs, training=False)
    return [keras.ops.convert_to_numpy(y) for y in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]


def assert_refused(place):
    """Weights of other models and names without an order change nothing."""
    model = rebuilt(place)
    larger = keras.Model(model.inputs, keras.layers.Dense(2, name="more")(model.outputs[0]))
    before = [keras.ops.convert_to_numpy(variable) for variable in larger.weights]
    tensors = read_weights(place / "out" / "weights.safetensors")
    fewer = dict(list(tensors.items())[1:])
    other = {**tensors, list(tensors)[0]: np.zeros((1, 2, 3, 4), "float32")}
    strange = {f"strange/{name}": value for name, value in tensors.items()}
    more = {**tensors, "more": np.zeros(3, "float32")}
    for target, weights in ((larger, place / "out" / "weights.safetensors"), (model, fewer), (model, other), (model, more), (model, strange)):
        try:
            gradinit.keras.load(target, weights)
        except WeightsMismatch:
            continue
        raise AssertionError(f"{place.name}: weights of another model were taken")
    assert all(np.array_equal(a, keras.ops.convert_to_numpy(b)) for a, b in zip(before, larger.weights))


def main(folder):
    count = 0
    for place in sorted(path for path in pathlib.Path(folder).iterdir() if path.is_dir()):
        expected = list(np.load(place / "out" / "outputs.npz").values())
        for way, model in ways(place):
            found = predict(model, place)
            assert len(found) == len(expected)
            for a, b in zip(found, expected):
                np.testing.assert_allclose(a, b, atol=2e-5 * max(1, np.abs(b).max()), err_msg=f"{place.name}, {way}")
            count += 1
        assert_refused(place)
    print(count)


if __name__ == "__main__":
    main(sys.argv[1])
