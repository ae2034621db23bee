"""Writes tests/testdata/golden/divided_heads.json: the heads of Scaled Cosine and GODIN in PyTorch, float64.

    python3 tests/golden/divided_heads.py > tests/testdata/golden/divided_heads.json

The heads are written from the equations of arXiv 1905.10628 and arXiv 2002.11297 with PyTorch's own layers (Linear,
BatchNorm1d), apart from the Go code. Needs PyTorch; the file was made with Debian's 1.13.1.
"""

import json
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
BATCH, FEATURES, CLASSES = 7, 12, 5


def similarities(kind, features, prototypes, prototype_bias):
    if kind.endswith("inner"):
        return features @ prototypes.T + prototype_bias
    if kind.endswith("euclidean"):
        return -((features[:, None, :] - prototypes[None, :, :]) ** 2).sum(-1)
    return F.normalize(features, dim=1) @ F.normalize(prototypes, dim=1).T


def case(kind, seed):
    torch.manual_seed(seed)
    features = torch.relu(torch.randn(BATCH, FEATURES)).requires_grad_()
    prototypes = torch.randn(CLASSES, FEATURES).requires_grad_()
    prototype_bias = (0.3 * torch.randn(CLASSES)).requires_grad_()
    targets = torch.randint(CLASSES, (BATCH,))
    linear, norm = torch.nn.Linear(FEATURES, 1), torch.nn.BatchNorm1d(1)
    torch.nn.init.uniform_(norm.weight, 0.5, 1.5)
    torch.nn.init.uniform_(norm.bias, -0.5, 0.5)

    def logits():
        number = norm(linear(features))
        h = similarities(kind, features, prototypes, prototype_bias)
        return h * torch.exp(number) if kind == "scaled-cosine" else h / torch.sigmoid(number)

    wrt = {"features": features, "prototypes": prototypes, "prototype_bias": prototype_bias, "weights": linear.weight,
           "bias": linear.bias, "scale": norm.weight, "offset": norm.bias}
    train_logits = logits()
    loss = F.cross_entropy(train_logits, targets)
    loss.backward()
    norm.eval()
    flat = lambda x: x.detach().reshape(-1).tolist()
    return {
        "kind": kind, "batch": BATCH, "features_dim": FEATURES, "classes": CLASSES, "targets": targets.tolist(),
        "values": {name: flat(x) for name, x in wrt.items()},
        "train_logits": flat(train_logits), "train_loss": loss.item(),
        "gradients": {name: flat(x.grad) for name, x in wrt.items() if x.grad is not None},
        "running_mean": flat(norm.running_mean), "running_variance": flat(norm.running_var),
        "eval_logits": flat(logits()),
        "max_similarity": flat(similarities(kind, features, prototypes, prototype_bias).max(1).values),
    }


kinds = ["scaled-cosine", "godin", "godin:inner", "godin:euclidean"]
json.dump({
    "note": "Heads of Scaled Cosine (arXiv 1905.10628) and GODIN without preprocessing (arXiv 2002.11297), float64, made by "
            "tests/golden/divided_heads.py with PyTorch " + torch.__version__ + ". Row-major. One training step's logits, "
            "mean cross entropy and gradients, the running statistics after it (momentum 0.1, unbiased variance), and "
            "the logits of evaluation with those.",
    "cases": [case(kind, seed) for seed, kind in enumerate(kinds, 1)],
}, sys.stdout, indent=1)
