"""Trains a small network with the DisMax loss in PyTorch and writes its state dict as .safetensors.

    /usr/bin/python3 tests/pytorch/train_resnet8.py --images FOLDER --out tests/pytorch/resnet8-dismax

FOLDER holds RGB images of one size as train/<class>/<file>.png and test/<class>/<file>.png. The network is that of
models.ResNet(16, 1, 1, 1) with the names of the published code, so that Go reads it as it reads a published network.
Written are OUT.safetensors, and OUT.json with what Go has to reproduce: the accuracy on the test images and the logits
of the first eight of them, ordered by file name. Needs torch, numpy and PIL (Debian: python3-torch, python3-pil).
"""

import argparse
import json
import math
import pathlib
import struct

import numpy
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

ENTROPIC_SCALE = 10.0
SAFETENSORS_NAMES = {torch.float32: "F32", torch.int64: "I64", torch.bool: "BOOL"}


def convolution(inputs, outputs, kernel, stride=1):
    layer = nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return layer


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
        return functional.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class DisMaxHead(nn.Module):
    """The last layer of the paper: enhanced logits. The two entries at the end are those of the published code."""

    def __init__(self, features, classes):
        super().__init__()
        self.distance_scale = nn.Parameter(torch.ones(1))
        self.prototypes = nn.Parameter(torch.randn(classes, features))
        self.temperature = nn.Parameter(torch.ones(1), requires_grad=False)
        self.validationset_available = nn.Parameter(torch.tensor([False]), requires_grad=False)
        self.precomputed_thresholds = nn.Parameter(torch.zeros(2, 25), requires_grad=False)

    def forward(self, x):
        x, prototypes = functional.normalize(x), functional.normalize(self.prototypes)
        distances = torch.cdist(x, prototypes, compute_mode="donot_use_mm_for_euclid_dist") / math.sqrt(2)
        distances = distances * self.distance_scale.abs()
        return -(distances + distances.mean(1, keepdim=True)) / self.temperature


class ResNet8(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1, self.bn1 = convolution(3, 16, 3), nn.BatchNorm2d(16)
        self.layer1 = nn.Sequential(BasicBlock(16, 16, 1))
        self.layer2 = nn.Sequential(BasicBlock(16, 32, 2))
        self.layer3 = nn.Sequential(BasicBlock(32, 64, 2))
        self.classifier = DisMaxHead(64, classes)

    def forward(self, x):
        x = functional.relu(self.bn1(self.conv1(x)))
        return self.classifier(self.layer3(self.layer2(self.layer1(x))).mean((2, 3)))


def load_images(folder, classes):
    """Returns images [n, 3, height, width], from 0 to 1, and labels [n], in the order of the file names."""
    files = sorted(folder.glob("*/*.png"), key=lambda file: (file.name, file.parent.name))
    pixels = numpy.stack([numpy.asarray(Image.open(file).convert("RGB")) for file in files])
    labels = torch.tensor([classes.index(file.parent.name) for file in files])
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255, labels


def train(network, images, labels, epochs, batch=64, rate=0.1):
    optimizer = torch.optim.SGD(network.parameters(), rate, momentum=0.9, nesterov=True, weight_decay=1e-4)
    steps = len(images) // batch * epochs
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    network.train()
    for epoch in range(epochs):
        losses = []
        for chosen in torch.randperm(len(images)).split(batch)[: len(images) // batch]:
            x = images[chosen].clone()
            flip = torch.rand(len(x)) < 0.5
            x[flip] = x[flip].flip(3)
            loss = functional.cross_entropy(ENTROPIC_SCALE * network(x), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: loss {sum(losses) / len(losses):.3f}", flush=True)


def write_safetensors(state, path):
    """The format: length of the header, header as JSON, values one after the other, the widest first."""
    header, data, position = {"__metadata__": {"format": "pt"}}, [], 0
    for name, value in sorted(state.items(), key=lambda entry: (-entry[1].element_size(), entry[0])):
        data.append(value.contiguous().numpy().tobytes())
        offsets = [position, position + len(data[-1])]
        header[name] = {"dtype": SAFETENSORS_NAMES[value.dtype], "shape": list(value.shape), "data_offsets": offsets}
        position = offsets[1]
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(data))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=pathlib.Path, required=True)
    parser.add_argument("--out", required=True, help="path of what is written, without extension")
    parser.add_argument("--classes", help="names with commas, in the order of the labels (default: of the alphabet)")
    parser.add_argument("--mean", type=float, nargs=3, default=[0.35] * 3)
    parser.add_argument("--std", type=float, nargs=3, default=[0.23] * 3)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    torch.manual_seed(arguments.seed)
    classes = sorted(folder.name for folder in (arguments.images / "train").iterdir())
    if arguments.classes:
        classes = arguments.classes.split(",")
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (arguments.mean, arguments.std))
    images, labels = load_images(arguments.images / "train", classes)
    test_images, test_labels = load_images(arguments.images / "test", classes)

    network = ResNet8(len(classes))
    train(network, (images - mean) / std, labels, arguments.epochs)

    network.eval()
    with torch.no_grad():
        logits = torch.cat([network(batch) for batch in ((test_images - mean) / std).split(256)])
    accuracy = (logits.argmax(1) == test_labels).double().mean().item()
    print(f"test accuracy {accuracy:.4f} of {len(test_labels)} images")
    write_safetensors(network.state_dict(), pathlib.Path(arguments.out + ".safetensors"))
    summary = {
        "classes": classes,
        "normalization": {"mean": arguments.mean, "std": arguments.std},
        "training_images": len(labels),
        "test_images": len(test_labels),
        "test_accuracy": accuracy,
        "logits": logits[:8].tolist(),
    }
    pathlib.Path(arguments.out + ".json").write_text(json.dumps(summary, indent=1) + "\n")


if __name__ == "__main__":
    main()
