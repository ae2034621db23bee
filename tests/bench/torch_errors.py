"""Computes a convolution and its gradients in PyTorch, for `bench errors`.

Standard input holds, in float32, images x [batch, size, size, inputs], a 3x3 kernel w [3, 3, inputs, outputs], and the
gradient dy [batch, size, size, outputs] of a loss with respect to the convolution of stride 1 that keeps the size.
Standard output gets, in the same orders, the convolution y and the gradients dx and dw: once with images that PyTorch
keeps as NCHW in memory, and once as NHWC (channels_last).
"""

import argparse
import sys

import numpy
import torch
from torch.nn import functional

LAYOUTS = (torch.contiguous_format, torch.channels_last)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("batch", "size", "inputs", "outputs"):
        parser.add_argument("--" + name, type=int, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)  # so that the order of summation does not depend on the machine

    def read(*shape):
        count = int(numpy.prod(shape))
        values = numpy.frombuffer(sys.stdin.buffer.read(4 * count), dtype=numpy.float32)
        return torch.from_numpy(values.reshape(shape).copy())

    x = read(options.batch, options.size, options.size, options.inputs).permute(0, 3, 1, 2)
    w = read(3, 3, options.inputs, options.outputs).permute(3, 2, 0, 1)
    dy = read(options.batch, options.size, options.size, options.outputs).permute(0, 3, 1, 2)

    for layout in LAYOUTS:
        images = x.clone(memory_format=layout).requires_grad_()
        kernel = w.clone(memory_format=layout).requires_grad_()
        y = functional.conv2d(images, kernel, padding=1)
        y.backward(dy.clone(memory_format=layout))
        results = (y.detach().permute(0, 2, 3, 1), images.grad.permute(0, 2, 3, 1), kernel.grad.permute(2, 3, 1, 0))
        for result in results:
            sys.stdout.buffer.write(result.contiguous().numpy().tobytes())


if __name__ == "__main__":
    main()
