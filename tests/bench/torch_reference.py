"""Measures training and inference steps of the models in PyTorch.

    .cache/bench/bin/python tests/bench/torch_reference.py --model resnet34 --batch 16 --mode compile

The networks are those of package models layer by layer, so that both sides compute the same: residual networks with
1x1 convolution and batch normalization as shortcut, DenseNet-BC, and WideResNet whose convolutions have biases.
Head, loss and optimizer are the same too. The command line and what is printed: reference.py.
"""

import os

import torch
from torch import nn
from torch.nn import functional

import reference
from reference import CLASSES


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


def arguments():
    parser = reference.arguments(__doc__, list(MODELS))
    parser.add_argument("--mode", choices=["eager", "channels-last", "compile"], default="eager",
                        help="channels-last keeps images as NHWC in memory; compile is torch.compile")
    return parser.parse_args()


def set_precision(precision):
    """Lets products be rounded to TF32, or not; PyTorch's own default differs between convolutions and matrices."""
    torch.backends.cuda.matmul.allow_tf32 = precision != "float32"
    torch.backends.cudnn.allow_tf32 = precision != "float32"


def main():
    options = arguments()
    versions = reference.versions(torch=torch.__version__)
    if options.check:
        reference.check(versions, "PyTorch sees no GPU" if options.device == "cuda" and not torch.cuda.is_available() else "")
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.manual_seed(1)
    set_precision(options.precision)

    layout = torch.channels_last if options.mode == "channels-last" else torch.contiguous_format
    classifier = Classifier(options.model, options.loss).to(options.device, memory_format=layout)
    apply = torch.compile(classifier) if options.mode == "compile" else classifier
    optimizer = torch.optim.SGD(classifier.parameters(), lr=reference.LEARNING_RATE, momentum=reference.MOMENTUM,
                                nesterov=True, weight_decay=reference.WEIGHT_DECAY)
    scale = reference.ENTROPIC_SCALE if options.loss == "dismax" else 1.0

    def logits(images):
        images = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous(memory_format=layout).to(options.device)
        with torch.autocast(options.device, torch.bfloat16, enabled=options.precision == "bfloat16"):
            return apply(images)

    def train_step(images, labels):
        loss = functional.cross_entropy(scale * logits(images), torch.from_numpy(labels).to(options.device))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.item()

    def inference_step():
        classifier.eval()

        def step(images, _):
            with torch.inference_mode():
                return logits(images).float().cpu().numpy()
        return step

    reference.run(options, versions, sum(p.numel() for p in classifier.parameters()), train_step, inference_step)


if __name__ == "__main__":
    main()
