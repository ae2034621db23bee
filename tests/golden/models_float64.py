"""Computes the training mode of models.json again in float64, in PyTorch.

    /usr/bin/python3 tests/golden/models_float64.py tests/testdata/golden/models.json \
        > tests/testdata/golden/models_float64.json

Networks, weights and images are those that the note of models.json defines, rounded to float32 as there; the angles of
the images are computed in float32, as there too. The arithmetic is float64, and the running statistics are those after
one training pass. models.json has what float32 arithmetic makes of the same, which for some networks depends on the
order of every sum: its values come back to the last digit in PyTorch 1.13 with oneDNN and two threads, while the norm
of the features moves by 1e-3 with one thread (DenseNet-BC-100), by 5% without oneDNN and by 9% in float64 (ResNet-34).
"""

import json
import math
import pathlib
import sys

import numpy
import torch
from torch import nn
from torch.nn import functional

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
from torch_reference import BasicBlock, DenseNetBC, ResNet, WideResNet  # noqa: E402


class ImageNetResNet(nn.Module):
    def __init__(self, width, *blocks):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, width, 7, 2, padding=3, bias=False), nn.BatchNorm2d(width)
        self.layers = ResNet(width, *blocks).layers

    def forward(self, x):
        x = functional.max_pool2d(functional.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        return self.layers(x).mean((2, 3))


MODELS = {
    "densenet_bc_100": lambda: DenseNetBC(100, 12),
    "resnet34": lambda: ResNet(64, 3, 4, 6, 3),
    "wide_resnet_28_10": lambda: WideResNet(28, 10),
    "resnet18_imagenet": lambda: ImageNetResNet(64, 2, 2, 2, 2),
}


def sines(shape, shift):
    """sin(0.1 (i mod 1009) + shift) over the flat index i."""
    period = torch.tensor([math.sin(0.1 * i + shift) for i in range(1009)], dtype=torch.float64)
    return period[torch.arange(math.prod(shape)) % 1009].reshape(shape)


def images_of(shape, phase):
    """cos(0.05 i + phase) over the flat index i, with the angle in float32."""
    angles = numpy.float32(0.05) * numpy.arange(math.prod(shape)).astype(numpy.float32) + numpy.float32(phase)
    return torch.tensor([math.cos(angle) for angle in angles]).float().double().reshape(shape)


def fill(network, state_order, phase):
    state = network.state_dict()
    names = [name for name in state if not name.endswith("num_batches_tracked")]
    assert len(names) == len(state_order)
    for k, (name, (published, shape)) in enumerate(zip(names, state_order)):
        values = sines(shape, 0.37 * k + phase)
        if len(shape) == 4:
            values = values * math.sqrt(2 / math.prod(shape[1:]))
        else:
            values = 0.1 * values + (1 if published.endswith((".weight", ".running_var")) else 0)
        state[name].copy_(values)  # rounds to float32


def dismax_logits(features, classes, phase):
    prototypes = sines((classes, features.shape[1]), phase).float().double()
    distances = torch.cdist(functional.normalize(features), functional.normalize(prototypes),
                            compute_mode="donot_use_mm_for_euclid_dist") / 2 ** 0.5
    return -(distances + distances.mean(1, keepdim=True))


def model_values(cases, phase):
    """The values of the cases of one model."""
    network = MODELS[cases[0]["model"]]()
    fill(network, cases[0]["state_order"], phase)
    network = network.double().train()
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.eps = float(numpy.float32(1e-5))
    features = network(images_of(cases[0]["input"], phase))
    return {
        "model": cases[0]["model"], "phase": phase,
        "train_features_first8": features[0, :8].tolist(), "train_features_l2": features.norm(dim=1).tolist(),
        "train_logits_first10": {
            case["classes"]: dismax_logits(features, case["classes"], phase)[:, :10].tolist() for case in cases},
        "running_mean_l2": [norm.running_mean.norm().item() for norm in norms],
        "running_var_l2": [norm.running_var.norm().item() for norm in norms],
    }


def main():
    torch.set_grad_enabled(False)
    values = []
    for path in sys.argv[1:]:
        golden = json.loads(pathlib.Path(path).read_text())
        for model in dict.fromkeys(case["model"] for case in golden["cases"]):
            values.append(model_values([case for case in golden["cases"] if case["model"] == model], golden["phase"]))
    print(json.dumps({"note": __doc__, "models": values}, indent=1))


if __name__ == "__main__":
    main()
