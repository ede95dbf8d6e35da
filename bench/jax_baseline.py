#!/usr/bin/env python3
"""Measures one GradInit iteration in JAX on this machine, compiled by jit.

    python -m venv venv && venv/bin/pip install jax && venv/bin/python jax_baseline.py resnet110 --batch 128

Prints one JSON line per measurement, as pytorch_baseline.py does. The derivative of the gradient norm is measured in three forms: `jvp` (forward over
reverse), `linearize` (the same with the gradient's own pass shared) and, with --all-forms, `reverse` (reverse over reverse).
"""
import argparse
import json
import os
import resource
import statistics
import time

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

LAYOUT = ('NHWC', 'HWIO', 'NHWC')


class Network:
    """Parameters as a flat list, and the function that reads them by their indexes."""

    def __init__(self, bn, seed=0):
        self.bn = bn
        self.random = np.random.default_rng(seed)
        self.params = []

    def add(self, value):
        self.params.append(jnp.asarray(value, jnp.float32))
        return len(self.params) - 1

    def unit(self, width_in, width):
        """A 3x3 convolution (He, fan-out) with a normalisation or a bias."""
        kernel = self.random.normal(0, np.sqrt(2 / (9 * width)), (3, 3, width_in, width))
        return [self.add(kernel), *([self.add(np.ones(width))] if self.bn else []), self.add(np.zeros(width))]

    def dense(self, width_in, width):
        return [self.add(self.random.normal(0, 0.01, (width_in, width))), self.add(np.zeros(width))]

    def apply(self, p, unit, x, stride=1):
        y = lax.conv_general_dilated(x, p[unit[0]], (stride, stride), 'SAME', dimension_numbers=LAYOUT)
        if not self.bn:
            return y + p[unit[1]]
        mean = y.mean((0, 1, 2))
        variance = ((y - mean) ** 2).mean((0, 1, 2))
        return (y - mean) * lax.rsqrt(variance + 1e-5) * p[unit[1]] + p[unit[2]]


def resnet(depth, bn):
    net = Network(bn)
    stem, blocks, width_in = net.unit(3, 16), [], 16
    for stage, width in enumerate((16, 32, 64)):
        for i in range((depth - 2) // 6):
            stride = 2 if stage > 0 and i == 0 else 1
            blocks.append((net.unit(width_in, width), net.unit(width, width), stride, width - width_in))
            width_in = width
    kernel, bias = net.dense(64, 10)

    def forward(p, x):
        h = jax.nn.relu(net.apply(p, stem, x))
        for first, second, stride, padding in blocks:
            shortcut = h[:, ::stride, ::stride]
            if padding:
                shortcut = jnp.pad(shortcut, ((0, 0), (0, 0), (0, 0), (0, padding)))
            h = jax.nn.relu(net.apply(p, second, jax.nn.relu(net.apply(p, first, h, stride))) + shortcut)
        return h.mean((1, 2)) @ p[kernel] + p[bias]

    return net.params, forward


def vgg19(bn):
    net = Network(bn)
    layers, width_in = [], 3
    for width in [64, 64, 'M', 128, 128, 'M', *[256] * 4, 'M', *[512] * 4, 'M', *[512] * 4, 'M']:
        layers.append('M' if width == 'M' else net.unit(width_in, width))
        width_in = width_in if width == 'M' else width
    kernel, bias = net.dense(512, 10)

    def forward(p, x):
        for layer in layers:
            if layer == 'M':
                x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), 'VALID')
            else:
                x = jax.nn.relu(net.apply(p, layer, x))
        return x.reshape(x.shape[0], -1) @ p[kernel] + p[bias]

    return net.params, forward


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('network', help='vgg19 or resnetDEPTH, e.g. resnet110')
    parser.add_argument('--batch', type=int, default=128)
    parser.add_argument('--no-bn', action='store_true')
    parser.add_argument('--repeats', type=int, default=3)
    parser.add_argument('--all-forms', action='store_true')
    parser.add_argument('--device', choices=['cpu', 'gpu'], default='cpu')
    args = parser.parse_args()
    jax.config.update('jax_platforms', {'cpu': 'cpu', 'gpu': 'cuda'}[args.device])
    jax.config.update('jax_default_matmul_precision', 'float32')
    bn = not args.no_bn
    params, forward = vgg19(bn) if args.network == 'vgg19' else resnet(int(args.network.removeprefix('resnet')), bn)
    random = np.random.default_rng(1)
    x = jnp.asarray(random.normal(size=(args.batch, 32, 32, 3)), jnp.float32)
    y = jnp.asarray(random.integers(0, 10, args.batch))

    def loss(p):
        return -jnp.mean(jax.nn.log_softmax(forward(p, x))[jnp.arange(args.batch), y])

    gradient = jax.grad(loss)

    def norm(grads):
        return jnp.sqrt(sum(jnp.vdot(g, g) for g in grads))

    def scaled(scales):
        return [p * s for p, s in zip(params, scales)]

    def by_scale(derivatives):
        return jnp.stack([jnp.vdot(d, p) for d, p in zip(derivatives, params)])

    def first_order(scales):
        value, grads = jax.value_and_grad(loss)(scaled(scales))
        return value, norm(grads)

    def objective(scales):
        theta = scaled(scales)
        grads = gradient(theta)
        length = norm(grads)
        return by_scale(gradient([p - 0.1 * g / length for p, g in zip(theta, grads)]))

    def jvp(scales):
        theta = scaled(scales)
        grads = gradient(theta)
        length = norm(grads)
        return by_scale(jax.jvp(gradient, (theta,), ([g / length for g in grads],))[1])

    def linearize(scales):
        grads, derivative = jax.linearize(gradient, scaled(scales))
        length = norm(grads)
        return by_scale(derivative([g / length for g in grads]))

    def reverse(scales):
        return jax.grad(lambda s: norm(gradient(scaled(s))))(scales)

    steps = [
        ('forward', None, lambda scales: loss(scaled(scales))),
        ('first_order', None, first_order),
        ('objective', None, objective),
        ('constraint', 'jvp', jvp),
        ('constraint', 'linearize', linearize),
        *([('constraint', 'reverse', reverse)] if args.all_forms else []),
    ]
    scales = jnp.ones(len(params))
    for name, form, step in steps:
        compiled = jax.jit(step)
        start = time.perf_counter()
        jax.block_until_ready(compiled(scales))
        first = time.perf_counter() - start
        seconds = []
        for _ in range(args.repeats):
            start = time.perf_counter()
            jax.block_until_ready(compiled(scales))
            seconds.append(time.perf_counter() - start)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(json.dumps({'framework': f'jax {jax.__version__}', 'network': args.network, 'batchNorm': bn, 'batch': args.batch,
                          'threads': os.cpu_count(), 'step': name, **({'form': form} if form else {}),
                          'seconds': round(statistics.median(seconds), 3), 'firstSeconds': round(first, 2), 'peakGiB': round(peak, 2)}), flush=True)


if __name__ == '__main__':
    main()
