"""The network of digits-cnn.keras3.json. `python digits_cnn.py > digits-cnn.keras3.json` writes it again (Keras 3, any backend)."""

from keras import Input, Sequential, layers


def conv(filters: int, name: str) -> layers.Conv2D:
    return layers.Conv2D(filters, 3, padding="same", activation="relu", kernel_initializer="he_normal", name=name)


model = Sequential(
    [
        Input((8, 8, 1)),
        conv(16, "conv1"),
        conv(16, "conv2"),
        layers.MaxPooling2D(2, name="pool1"),
        conv(32, "conv3"),
        conv(32, "conv4"),
        layers.GlobalAveragePooling2D(name="pool2"),
        layers.Dense(10, activation="softmax", name="classifier"),
    ],
    name="digits_cnn",
)
print(model.to_json(indent=2))
