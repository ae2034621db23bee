"""Measures training and inference steps of the models in JAX: plain lax operations, compiled as one step each.

    .cache/bench/bin/python tests/bench/jax_reference.py --model resnet34 --batch 16

The networks are those of package models layer by layer, in NHWC, with batch normalization composed of means and
products, and the same head, loss and optimizer. A training step is given its variables' memory (donation). The command
line and what is printed: reference.py.
"""

import functools

import jax
import jaxlib
import numpy
from jax import lax
from jax import numpy as jnp

import reference
from reference import CLASSES

EPSILON = 1e-5


class Variables:
    """The values of a network, by name, as one pass through it asks for them.

    Without values the pass makes their initial ones. Running statistics are those whose name begins with "running".
    """

    def __init__(self, values=None, training=False, dtype=jnp.float32):
        self.values, self.training, self.dtype = values, training, dtype
        self.made, self.updates, self.count = {}, {}, 0

    def next(self, name):
        """A name that no other layer has."""
        self.count += 1
        return f"{name}/{self.count}"

    def get(self, name, initial, *shape):
        if self.values is not None:
            return self.values[name]
        self.made[name] = initial(shape).astype(numpy.float32)
        return self.made[name]


def normal(standard_deviation=1.0):
    random = numpy.random.default_rng(1)
    return lambda shape: random.normal(0, standard_deviation, shape)


def convolution(v, x, outputs, kernel, stride=1, bias=False):
    name, inputs = v.next("convolution"), x.shape[-1]
    weights = v.get(name + "/weights", normal((2 / (kernel * kernel * outputs)) ** 0.5), kernel, kernel, inputs, outputs)
    padding = [(kernel // 2, kernel // 2)] * 2
    y = lax.conv_general_dilated(x.astype(v.dtype), weights.astype(v.dtype), (stride, stride), padding,
                                 dimension_numbers=("NHWC", "HWIO", "NHWC"))
    if bias:
        y = y.astype(jnp.float32) + v.get(name + "/bias", numpy.zeros, outputs)
    return y.astype(v.dtype)


def batch_norm(v, x, initial_scale=numpy.ones, momentum=0.1):
    name, channels = v.next("batch_norm"), x.shape[-1]
    x = x.astype(jnp.float32)
    scale = v.get(name + "/scale", initial_scale, channels)
    offset = v.get(name + "/offset", numpy.zeros, channels)
    mean = v.get("running/" + name + "/mean", numpy.zeros, channels)
    variance = v.get("running/" + name + "/variance", numpy.ones, channels)
    if v.training:
        count = x.size // channels
        running_mean, running_variance = mean, variance
        mean = jnp.mean(x, (0, 1, 2))
        variance = jnp.mean(jnp.square(x - mean), (0, 1, 2))
        v.updates["running/" + name + "/mean"] = (1 - momentum) * running_mean + momentum * mean
        unbiased = variance * (count / max(count - 1, 1))
        v.updates["running/" + name + "/variance"] = (1 - momentum) * running_variance + momentum * unbiased
    return ((x - mean) * (scale * lax.rsqrt(variance + EPSILON)) + offset).astype(v.dtype)


def global_mean(x):
    return jnp.mean(x.astype(jnp.float32), (1, 2))


def basic_block(v, x, outputs, stride):
    y = jax.nn.relu(batch_norm(v, convolution(v, x, outputs, 3, stride)))
    y = batch_norm(v, convolution(v, y, outputs, 3), initial_scale=numpy.zeros)
    if stride != 1 or x.shape[-1] != outputs:
        x = batch_norm(v, convolution(v, x, outputs, 1, stride))
    return jax.nn.relu(y + x)


def stages(v, x, block, width, counts):
    for stage, count in enumerate(counts):
        for number in range(count):
            x = block(v, x, width << stage, 2 if stage > 0 and number == 0 else 1)
    return x


def resnet(width, *blocks):
    def backbone(v, x):
        x = jax.nn.relu(batch_norm(v, convolution(v, x, width, 3)))
        return global_mean(stages(v, x, basic_block, width, blocks))
    return backbone


def dense_layer(v, x, growth):
    y = convolution(v, jax.nn.relu(batch_norm(v, x)), 4 * growth, 1)
    y = convolution(v, jax.nn.relu(batch_norm(v, y)), growth, 3)
    return jnp.concatenate([x, y], -1)


def densenet_bc(depth, growth):
    def backbone(v, x):
        x = convolution(v, x, 2 * growth, 3)
        for block in range(3):
            for _ in range((depth - 4) // 6):
                x = dense_layer(v, x, growth)
            x = jax.nn.relu(batch_norm(v, x))
            if block < 2:
                x = convolution(v, x, x.shape[-1] // 2, 1)
                # From a constant, not from a traced zero: JAX differentiates only sums that it recognizes.
                x = lax.reduce_window(x, numpy.zeros((), x.dtype), lax.add, (1, 2, 2, 1), (1, 2, 2, 1), "VALID") / 4
        return global_mean(x)
    return backbone


def wide_block(v, x, outputs, stride):
    y = convolution(v, jax.nn.relu(batch_norm(v, x)), outputs, 3, bias=True)
    y = convolution(v, jax.nn.relu(batch_norm(v, y)), outputs, 3, stride, bias=True)
    if stride != 1 or x.shape[-1] != outputs:
        x = convolution(v, x, outputs, 1, stride, bias=True)
    return y + x


def wide_resnet(depth, widen):
    def backbone(v, x):
        x = convolution(v, x, 16, 3, bias=True)
        x = stages(v, x, wide_block, 16 * widen, [(depth - 4) // 6] * 3)
        return global_mean(jax.nn.relu(batch_norm(v, x, momentum=0.9)))
    return backbone


MODELS = {
    "resnet8": resnet(16, 1, 1, 1),
    "resnet20": resnet(16, 3, 3, 3),
    "resnet34": resnet(64, 3, 4, 6, 3),
    "densenet-bc-40": densenet_bc(40, 12),
    "densenet-bc-100": densenet_bc(100, 12),
    "wideresnet-10-1": wide_resnet(10, 1),
    "wideresnet-28-10": wide_resnet(28, 10),
}


def unit_length(x):
    return x / jnp.maximum(jnp.sqrt(jnp.sum(jnp.square(x), -1, keepdims=True)), 1e-12)


def dismax_head(v, features):
    """The enhanced logits of DisMax: -(d_j + mean of d) for the isometric distances d to the prototypes."""
    prototypes = v.get("head/prototypes", normal(), CLASSES, features.shape[-1])
    scale = v.get("head/distance_scale", numpy.ones)
    differences = unit_length(features)[:, None] - unit_length(prototypes)[None]
    distances = jnp.abs(scale) * jnp.sqrt(jnp.sum(jnp.square(differences), -1)) / 2 ** 0.5
    return -(distances + jnp.mean(distances, 1, keepdims=True))


def linear_head(v, features):
    weights = v.get("head/weights", normal(features.shape[-1] ** -0.5), features.shape[-1], CLASSES)
    return features @ weights + v.get("head/bias", numpy.zeros, CLASSES)


def logits_of(v, options, images):
    """From uint8 images to logits."""
    x = (images.astype(jnp.float32) / 255 - 0.5) / 0.29
    head = dismax_head if options.loss == "dismax" else linear_head
    return head(v, MODELS[options.model](v, x))


def initial_values(options):
    """The trainable values and the running statistics, each by name."""
    v = Variables()
    jax.eval_shape(functools.partial(logits_of, v, options), jax.ShapeDtypeStruct((2, 32, 32, 3), numpy.uint8))
    parameters = {name: value for name, value in v.made.items() if not name.startswith("running/")}
    return parameters, {name: value for name, value in v.made.items() if name.startswith("running/")}


def parameter_count(options):
    return sum(value.size for value in initial_values(options)[0].values())


def make_steps(options):
    """The compiled training and inference steps."""
    scale = reference.ENTROPIC_SCALE if options.loss == "dismax" else 1.0
    dtype = jnp.bfloat16 if options.precision == "bfloat16" else jnp.float32

    def objective(parameters, running, images, labels):
        v = Variables({**parameters, **running}, training=True, dtype=dtype)
        log_probabilities = jax.nn.log_softmax(scale * logits_of(v, options, images))
        chosen = jnp.take_along_axis(log_probabilities, labels[:, None], 1)
        return -jnp.mean(chosen), v.updates

    @functools.partial(jax.jit, donate_argnums=(0, 1, 2))
    def train(parameters, running, velocities, images, labels):
        (loss, running), gradients = jax.value_and_grad(objective, has_aux=True)(parameters, running, images, labels)
        gradients = jax.tree.map(lambda g, w: g + reference.WEIGHT_DECAY * w, gradients, parameters)
        velocities = jax.tree.map(lambda v, g: reference.MOMENTUM * v + g, velocities, gradients)
        parameters = jax.tree.map(lambda w, g, v: w - reference.LEARNING_RATE * (g + reference.MOMENTUM * v),
                                  parameters, gradients, velocities)
        return parameters, running, velocities, loss

    @jax.jit
    def infer(parameters, running, images):
        return logits_of(Variables({**parameters, **running}, dtype=dtype), options, images)

    return train, infer


def main():
    options = reference.arguments(__doc__, list(MODELS)).parse_args()
    versions = reference.versions(jax=jax.__version__, jaxlib=jaxlib.__version__)
    jax.config.update("jax_platforms", options.device)
    if options.check:
        try:
            jax.devices()
        except (RuntimeError, AssertionError):
            reference.check(versions, f"JAX cannot compute on {options.device}")
        reference.check(versions)
    jax.config.update("jax_default_matmul_precision", "float32" if options.precision == "float32" else "tensorfloat32")

    train, infer = make_steps(options)
    parameters, running = jax.device_put(initial_values(options))
    velocities = jax.tree.map(jnp.zeros_like, parameters)

    def train_step(images, labels):
        nonlocal parameters, running, velocities
        parameters, running, velocities, loss = train(parameters, running, velocities, images,
                                                      labels.astype(numpy.int32))
        return float(loss)

    def inference_step():
        return lambda images, _: numpy.asarray(infer(parameters, running, images))

    reference.run(options, versions, parameter_count(options), train_step, inference_step)


if __name__ == "__main__":
    main()
