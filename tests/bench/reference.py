"""What torch_reference.py and jax_reference.py share: the command line, the batches, the clock, and what is printed.

A reference measures training and inference steps of one model as `dismax bench` does in Go: random pixels, times that
are medians over the steps after a warm-up, and JSON with the names of `dismax bench`'s records. With --check it only
prints its versions, or says in a line why it cannot measure, with exit status 1.
"""

import argparse
import json
import platform
import statistics
import sys
import time

import numpy

CLASSES = 10
ENTROPIC_SCALE = 10.0
LEARNING_RATE, MOMENTUM, WEIGHT_DECAY = 0.1, 0.9, 1e-4


def arguments(description, models):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=models, default="resnet20")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--loss", choices=["softmax", "dismax"], default="dismax")
    parser.add_argument("--steps", type=int, default=20, help="steps that are timed")
    parser.add_argument("--warmup", type=int, default=2, help="steps before those; the first compiles")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=["float32", "tf32", "bfloat16"], default="float32",
                        help="of the backbone's products; tf32 and bfloat16 keep variables in float32")
    parser.add_argument("--check", action="store_true", help="print the versions and measure nothing")
    return parser


def versions(**packages):
    """A line such as "torch 2.15.0, Python 3.12.1"."""
    return ", ".join(f"{name} {version}" for name, version in {**packages, "Python": platform.python_version()}.items())


def check(line, problem=""):
    """Ends the program as --check does."""
    print(problem or line, file=sys.stderr if problem else sys.stdout)
    sys.exit(1 if problem else 0)


def batches(size):
    """Yields uint8 images [size, 32, 32, 3] of random pixels with random labels [size]."""
    random = numpy.random.default_rng(1)
    while True:
        images = random.integers(0, 256, (size, 32, 32, 3), dtype=numpy.uint8)
        yield images, random.integers(0, CLASSES, size, dtype=numpy.int64)


def measure(step, options):
    """Returns the timing of the steps after the warm-up, the seconds of the first step, and what the steps returned."""
    wall, cpu, returned = [], [], []
    for images, labels in batches(options.batch):
        wall_start, cpu_start = time.perf_counter(), time.process_time()
        returned.append(step(images, labels))
        wall.append(time.perf_counter() - wall_start)
        cpu.append(time.process_time() - cpu_start)
        if len(wall) == options.warmup + options.steps:
            break
    median = statistics.median(wall[options.warmup:])
    timing = {"wall_seconds": median, "cpu_seconds": statistics.median(cpu[options.warmup:]),
              "images_per_second": options.batch / median}
    return timing, wall[0], returned


def peak_bytes():
    """The most memory that this process ever held in the machine's memory."""
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def run(options, line, parameters, train_step, inference_step):
    """Measures both steps and prints the result. inference_step is a function that returns the step, made after training."""
    train, first_step, losses = measure(train_step, options)
    peak = peak_bytes()
    inference, _, _ = measure(inference_step(), options)
    print(json.dumps({
        "versions": line, "model": options.model, "batch": options.batch, "loss": options.loss,
        "parameters": parameters, "train": train, "inference": inference,
        "first_step_seconds": first_step, "peak_bytes": peak, "losses": losses,
    }))
