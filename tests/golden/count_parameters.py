"""Writes parameters.txt and gan_parameters.txt beside this file: the trainable parameters of each preset, as Keras counts them (made with Keras
3.15), of `three-channel` as PyTorch does (2.15). Run: KERAS_BACKEND=torch python3 tests/golden/count_parameters.py"""

import pathlib

import keras
import torch
from keras import Sequential
from keras.layers import (
    Activation, Add, BatchNormalization, Conv2D, Dense, DepthwiseConv2D, Dropout, Flatten, GlobalAveragePooling2D, Input,
    MaxPooling2D, Reshape, SimpleRNN, TimeDistributed, UpSampling2D,
)

RELU = "relu"


def conv_norm(x, width, kernel, stride=1):
    x = Conv2D(width, kernel, strides=stride, padding="same", use_bias=False)(x)
    return BatchNormalization()(x)


def relu(x):
    return Activation(RELU)(x)


def resnet(n_blocks):
    image = Input((32, 32, 3))
    x = relu(conv_norm(image, 16, 3))
    for width, first_stride in [(16, 1), (32, 2), (64, 2)]:
        for block in range(n_blocks):
            stride = first_stride if block == 0 else 1
            long = conv_norm(relu(conv_norm(x, width, 3, stride)), width, 3)
            short = x if stride == 1 else conv_norm(x, width, 1, stride)
            x = relu(Add()([long, short]))
    return keras.Model(image, Dense(10)(GlobalAveragePooling2D()(x)))


def mobilenet():
    image = Input((32, 32, 3))
    x = relu(conv_norm(image, 32, 3))
    for width, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1)]:
        x = DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(x)
        x = relu(conv_norm(relu(BatchNormalization()(x)), width, 1))
    return keras.Model(image, Dense(10)(GlobalAveragePooling2D()(x)))


def tiny():
    image = Input((28, 28, 1))
    x = relu(conv_norm(image, 8, 3, 2))
    x = relu(conv_norm(x, 16, 3, 2))
    x = relu(conv_norm(x, 32, 3))
    return keras.Model(image, Dense(10)(GlobalAveragePooling2D()(x)))


def digits():
    x = image = Input((28, 28, 1))
    for width, pools in [(16, False), (32, True), (48, False), (48, True), (64, False), (64, False)]:
        x = relu(conv_norm(x, width, 3))
        x = MaxPooling2D(2)(x) if pools else x
    return keras.Model(image, Dense(10)(GlobalAveragePooling2D()(x)))


def plain(shape, *widths):
    x = image = Input(shape)
    for number, width in enumerate(widths, start=1):
        x = relu(conv_norm(x, width, 3))
        x = MaxPooling2D(2)(x) if number in (2, 4) else x
    return keras.Model(image, Dense(10)(GlobalAveragePooling2D()(x)))


def photos():
    image = Input((32, 32, 3))
    x = relu(conv_norm(relu(conv_norm(image, 16, 3)), 32, 3))
    for width in (64, 104):
        x = relu(conv_norm(MaxPooling2D(2)(x), width, 3))
        x = Add()([x, relu(conv_norm(relu(conv_norm(x, width, 3)), width, 3))])
    return keras.Model(image, Dense(10)(GlobalAveragePooling2D()(x)))


def keras_cnn(*more, widths=(32, 64)):
    return Sequential([
        Input((28, 28, 1)), Conv2D(widths[0], 3, activation=RELU), MaxPooling2D(2), Conv2D(widths[1], 3, activation=RELU),
        MaxPooling2D(2), Flatten(), *more, Dense(64, activation=RELU), Dense(10),
    ])


def dense(*widths):
    return Sequential([Input((28, 28, 1)), Flatten(), *[Dense(width) for width in widths]])


nn = torch.nn
three_channel = nn.Sequential(
    nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(),
    nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64 * 8 * 8, 128), nn.ReLU(), nn.Linear(128, 10))

MODELS = {
    "tiny": tiny(),
    "compact": plain((28, 28, 1), 10, 12, 16, 16, 24),
    "sprint": keras_cnn(widths=(8, 24)),
    "keras-cnn": keras_cnn(),
    "keras-cnn-dropout": keras_cnn(Dropout(0.5)),
    "one-conv": Sequential([Input((28, 28, 1)), Conv2D(32, 3), MaxPooling2D(2), Flatten(), Dense(128), Dense(10)]),
    "mlp": dense(128, 10),
    "logistic": dense(10),
    "linear": dense(10),
    "three-channel": three_channel,
    "rnn-rows": Sequential([Input((28, 28)), SimpleRNN(32), Dense(10)]),
    "rnn-strokes": Sequential([Input((64, 3)), SimpleRNN(64), Dense(10)]),
    "rnn-clips": Sequential([
        Input((8, 16, 16, 1)), TimeDistributed(Conv2D(8, 3, activation=RELU)), TimeDistributed(MaxPooling2D(2)),
        TimeDistributed(Flatten()), SimpleRNN(32), Dense(4)]),
    "resnet8": resnet(1),
    "resnet20": resnet(3),
    "mobilenet": mobilenet(),
    "photos": photos(),
    "fashion": plain((28, 28, 1), 16, 24, 48, 48, 64),
    "digits": digits(),
}


def gan(latent, first, second, third, discriminator):
    generator = [Input((latent,)), Dense(49 * first, use_bias=False), Reshape((7, 7, first)), UpSampling2D()]
    generator += [Conv2D(second, 3, padding="same"), BatchNormalization(), UpSampling2D()]
    generator += [Conv2D(third, 3, padding="same"), BatchNormalization(), Conv2D(1, 3, padding="same")]
    return [Sequential(generator), Sequential([Input((28, 28, 1)), *discriminator])]


GANS = {
    "gan": gan(100, 256, 128, 64, [Flatten(), Dense(512), Dense(256), Dense(1)]),
    "gan-small": gan(42, 32, 32, 16, [
        Conv2D(16, 3, strides=2, padding="same"), Conv2D(32, 3, strides=2, padding="same"), Conv2D(32, 3, padding="same"),
        Flatten(), Dense(10)]),
}


def count(model):
    weights = model.trainable_weights if isinstance(model, keras.Model) else list(model.parameters())
    return sum(int(torch.Size(weight.shape).numel()) for weight in weights)


both = "".join(f"{name} {sum(map(count, models))}\n" for name, models in GANS.items())
pathlib.Path(__file__).with_name("gan_parameters.txt").write_text(both)
print(both, end="")
text = "".join(f"{name} {count(model)}\n" for name, model in MODELS.items())
pathlib.Path(__file__).with_name("parameters.txt").write_text(text)
print(text, end="")
