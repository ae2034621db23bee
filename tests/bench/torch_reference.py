"""Measures training and inference steps of the models in PyTorch, as `dismax bench` does in Go.

    /usr/bin/python3 tests/bench/torch_reference.py --model resnet34 --batch 4 --loss dismax --threads 1

The networks are those of package models layer by layer, so that both sides compute the same: residual networks with
1x1 convolution and batch normalization as shortcut, DenseNet-BC, and WideResNet whose convolutions have biases.
Head, loss and optimizer are the same too. Times are medians over the steps; what is printed is JSON with the names of
`dismax bench`'s records. Made for Debian's python3-torch (1.13); newer versions do as well.
"""

import argparse
import json
import statistics
import time

import torch
from torch import nn
from torch.nn import functional

CLASSES = 10
ENTROPIC_SCALE = 10.0


def convolution(inputs, outputs, kernel, stride=1, bias=False):
    return nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=bias)


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = convolution(inputs, outputs, 3, stride), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = convolution(outputs, outputs, 3), nn.BatchNorm2d(outputs)
        nn.init.zeros_(self.bn2.weight)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = functional.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return functional.relu(y + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self, width, *blocks):
        super().__init__()
        self.conv1, self.bn1 = convolution(3, width, 3), nn.BatchNorm2d(width)
        layers, inputs = [], width
        for stage, count in enumerate(blocks):
            outputs = width << stage
            for block in range(count):
                layers.append(BasicBlock(inputs, outputs, 2 if stage > 0 and block == 0 else 1))
                inputs = outputs
        self.layers, self.features = nn.Sequential(*layers), inputs

    def forward(self, x):
        return self.layers(functional.relu(self.bn1(self.conv1(x)))).mean((2, 3))


class DenseLayer(nn.Module):
    def __init__(self, inputs, growth):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), convolution(inputs, 4 * growth, 1)
        self.bn2, self.conv2 = nn.BatchNorm2d(4 * growth), convolution(4 * growth, growth, 3)

    def forward(self, x):
        y = self.conv1(functional.relu(self.bn1(x)))
        y = self.conv2(functional.relu(self.bn2(y)))
        return torch.cat([x, y], 1)


class DenseNetBC(nn.Module):
    def __init__(self, depth, growth):
        super().__init__()
        channels = 2 * growth
        layers = [convolution(3, channels, 3)]
        for block in range(3):
            for _ in range((depth - 4) // 6):
                layers.append(DenseLayer(channels, growth))
                channels += growth
            layers += [nn.BatchNorm2d(channels), nn.ReLU()]
            if block < 2:
                layers += [convolution(channels, channels // 2, 1), nn.AvgPool2d(2)]
                channels //= 2
        self.layers, self.features = nn.Sequential(*layers), channels

    def forward(self, x):
        return self.layers(x).mean((2, 3))


class WideBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), convolution(inputs, outputs, 3, bias=True)
        self.bn2, self.conv2 = nn.BatchNorm2d(outputs), convolution(outputs, outputs, 3, stride, bias=True)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = convolution(inputs, outputs, 1, stride, bias=True)

    def forward(self, x):
        y = self.conv1(functional.relu(self.bn1(x)))
        y = self.conv2(functional.relu(self.bn2(y)))
        return y + self.shortcut(x)


class WideResNet(nn.Module):
    def __init__(self, depth, widen):
        super().__init__()
        layers, inputs = [convolution(3, 16, 3, bias=True)], 16
        for stage in range(3):
            outputs = (16 * widen) << stage
            for block in range((depth - 4) // 6):
                layers.append(WideBlock(inputs, outputs, 2 if stage > 0 and block == 0 else 1))
                inputs = outputs
        layers += [nn.BatchNorm2d(inputs, momentum=0.9), nn.ReLU()]
        self.layers, self.features = nn.Sequential(*layers), inputs

    def forward(self, x):
        return self.layers(x).mean((2, 3))


MODELS = {
    "resnet8": lambda: ResNet(16, 1, 1, 1),
    "resnet20": lambda: ResNet(16, 3, 3, 3),
    "resnet34": lambda: ResNet(64, 3, 4, 6, 3),
    "densenet-bc-40": lambda: DenseNetBC(40, 12),
    "densenet-bc-100": lambda: DenseNetBC(100, 12),
    "wideresnet-10-1": lambda: WideResNet(10, 1),
    "wideresnet-28-10": lambda: WideResNet(28, 10),
}


class DisMaxHead(nn.Module):
    """The enhanced logits of DisMax: -(d_j + mean of d) for the isometric distances d to the prototypes."""

    def __init__(self, features):
        super().__init__()
        self.prototypes = nn.Parameter(torch.randn(CLASSES, features))
        self.distance_scale = nn.Parameter(torch.ones(()))

    def forward(self, features):
        distances = torch.cdist(functional.normalize(features), functional.normalize(self.prototypes),
                                compute_mode="donot_use_mm_for_euclid_dist")
        distances = self.distance_scale.abs() * distances / 2 ** 0.5
        return -(distances + distances.mean(1, keepdim=True))


class Classifier(nn.Module):
    """From uint8 images to logits."""

    def __init__(self, model, loss):
        super().__init__()
        self.backbone = MODELS[model]()
        features = self.backbone.features
        self.head = DisMaxHead(features) if loss == "dismax" else nn.Linear(features, CLASSES)

    def forward(self, images):
        x = images.float().div(255).sub(0.5).div(0.29)
        return self.head(self.backbone(x))


class Batches:
    """Random pixels with random labels, as package bench makes them."""

    def __init__(self, size, channels_last):
        self.size = size
        self.memory_format = torch.channels_last if channels_last else torch.contiguous_format

    def next(self):
        images = torch.randint(0, 256, (self.size, 3, 32, 32), dtype=torch.uint8)
        return images.contiguous(memory_format=self.memory_format), torch.randint(0, CLASSES, (self.size,))


def measure(step, batches, options):
    """Returns the timing of the steps after the warm-up, and the seconds of the first step."""
    wall, cpu = [], []
    for _ in range(options.warmup + options.steps):
        images, labels = batches.next()
        wall_start, cpu_start = time.perf_counter(), time.process_time()
        step(images, labels)
        wall.append(time.perf_counter() - wall_start)
        cpu.append(time.process_time() - cpu_start)
    median = statistics.median(wall[options.warmup:])
    timing = {"wall_seconds": median, "cpu_seconds": statistics.median(cpu[options.warmup:]),
              "images_per_second": options.batch / median}
    return timing, wall[0]


def peak_bytes():
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=list(MODELS), required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--loss", choices=["softmax", "dismax"], default="dismax")
    parser.add_argument("--steps", type=int, default=20, help="steps that are timed")
    parser.add_argument("--warmup", type=int, default=3, help="steps before those")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--channels-last", action="store_true", help="keep images as NHWC in memory; default: NCHW")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    classifier = Classifier(options.model, options.loss)
    if options.channels_last:
        classifier = classifier.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(classifier.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-4)
    scale = ENTROPIC_SCALE if options.loss == "dismax" else 1.0
    losses = []

    def train_step(images, labels):
        loss = functional.cross_entropy(scale * classifier(images), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    def inference_step(images, _):
        with torch.inference_mode():
            classifier(images).numpy()

    batches = Batches(options.batch, options.channels_last)
    train, first_step = measure(train_step, batches, options)
    peak = peak_bytes()
    classifier.eval()
    inference, _ = measure(inference_step, batches, options)
    print(json.dumps({
        "torch": torch.__version__, "model": options.model, "batch": options.batch, "loss": options.loss,
        "parameters": sum(p.numel() for p in classifier.parameters()), "train": train, "inference": inference,
        "first_step_seconds": first_step, "peak_bytes": peak, "losses": losses,
    }))


if __name__ == "__main__":
    main()
