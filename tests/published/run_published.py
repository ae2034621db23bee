"""Trains with the paper's published PyTorch code by the protocol of tests/testdata/golden/small_protocol.json.

    git clone https://github.com/dlmacedo/distinction-maximization-loss CODE && git -C CODE checkout a9b4a86
    python3 tests/published/run_published.py --code CODE --data DATA --loss dismax_fpr --seed 6 --out dismax_fpr-6.json
    python3 tests/published/run_published.py --gather dismax_fpr-*.json --out results.json
    go run ./tests/published --published results.json

The last line sets the results beside the runs here; as tests/testdata/golden/small_protocol_NAME.json, "make published"
reads them with the others. CODE is read and never changed: losses, scores, detection metrics and calibration are the
published ones, without what asks for a GPU or a newer NumPy refuses. DATA is the folder of cifar10-jpeg.zip and
tinyimagenet-resize-test.zip. Network, batches and optimizer are as the note of the protocol says; images are normalized
as the published loaders do, and the network is that of the last epoch, where the published code keeps the one that is
best on the test images. A seed draws otherwise than in small_protocol.json. A run takes about ten minutes on one core.
Needs torch, numpy, scipy and PIL.
"""

import argparse
import io
import json
import math
import pathlib
import re
import sys
import tempfile
import time
import types
import zipfile

import numpy
import scipy.optimize
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
from torch_reference import ResNet  # noqa: E402

PUBLISHED = ("losses/softmax.py", "losses/isomaxplus.py", "losses/dismax.py", "metrics.py", "calculate_log.py")
MEAN, STD = (0.491, 0.482, 0.446), (0.247, 0.243, 0.261)
CLASSES, TRAINING_IMAGES_OF_A_CLASS = 10, 1000
BATCH, EPOCHS, DROPS, PADDING = 64, 15, (7, 10, 12), 4
SCORES = ("MPS", "ES", "MDS", "MMLES")


def published_modules(code):
    """Executes published files of a clone without what asks for a GPU, prints in each step, or newer NumPy refuses."""
    modules = {}
    for name in PUBLISHED:
        text = (code / name).read_text().replace(".cuda()", "").replace(r", delimiter='\n'", "")
        text = re.sub(r'print\("fpr_\w+"\)', "pass", text)
        if not hasattr(numpy, "trapz"):
            text = text.replace("np.trapz", "np.trapezoid")
        module = types.ModuleType(pathlib.Path(name).stem)
        exec(compile(text, str(code / name), "exec"), vars(module))
        modules[module.__name__] = module
    return modules


class ResNet20(nn.Module):
    def __init__(self, head):
        super().__init__()
        self.body = ResNet(16, 3, 3, 3)
        for layer in self.body.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
        self.classifier = head(self.body.features, CLASSES)

    def forward(self, x):
        return self.classifier(self.body(x))


def read_images(archive, names):
    """Returns normalized images, [n, 3, 32, 32], in the order of the names."""
    pixels = [numpy.asarray(Image.open(io.BytesIO(archive.read(name))).convert("RGB")) for name in names]
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
    return (torch.from_numpy(numpy.stack(pixels)).permute(0, 3, 1, 2).float() / 255 - mean) / std


def read_data(folder):
    """Returns training images and labels, test images and labels, and unknown images."""
    cifar10 = zipfile.ZipFile(folder / "cifar10-jpeg.zip")
    names = sorted(name for name in cifar10.namelist() if name.endswith(".jpg"))
    classes = sorted({name.split("/")[1] for name in names})
    parts = []
    for part, limit in (("train", TRAINING_IMAGES_OF_A_CLASS), ("test", None)):
        of_class = [[name for name in names if name.startswith(f"{part}/{c}/")][:limit] for c in classes]
        parts.append(read_images(cifar10, sum(of_class, [])))
        parts.append(torch.tensor([label for label, found in enumerate(of_class) for _ in found]))
    unknown = zipfile.ZipFile(folder / "tinyimagenet-resize-test.zip")
    return *parts, read_images(unknown, sorted(name for name in unknown.namelist() if name.endswith(".JPEG")))


def augment(images, border):
    """Crops each image at random from one with a border of PADDING pixels of the colour, and mirrors half of them."""
    n, size = len(images), images.shape[-1]
    padded = border.view(1, 3, 1, 1).repeat(n, 1, size + 2 * PADDING, size + 2 * PADDING)
    padded[:, :, PADDING:-PADDING, PADDING:-PADDING] = images
    top, left = (torch.randint(0, 2 * PADDING + 1, (n,)).tolist() for _ in range(2))
    mirrored = (torch.rand(n) < 0.5).tolist()
    crops = [padded[i, :, top[i] : top[i] + size, left[i] : left[i] + size] for i in range(n)]
    return torch.stack([crop.flip(2) if mirror else crop for crop, mirror in zip(crops, mirrored)])


def train(network, loss_function, images, labels, epochs, border):
    optimizer = torch.optim.SGD(network.parameters(), 0.1, momentum=0.9, nesterov=True, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, DROPS, 0.1)
    network.train()
    for epoch in range(epochs):
        begin, losses = time.time(), []
        for chosen in torch.randperm(len(images)).split(BATCH)[: len(images) // BATCH]:
            x, y = augment(images[chosen], border).contiguous(memory_format=torch.channels_last), labels[chosen]
            if hasattr(loss_function, "preprocess"):
                x, y = loss_function.preprocess(x, y)
            loss = loss_function(network(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        schedule.step()
        print(f"epoch {epoch + 1:2}: loss {sum(losses) / len(losses):.4f}, {time.time() - begin:.1f} s", flush=True)
        if not math.isfinite(losses[-1]):
            sys.exit(f"the loss is {losses[-1]} after epoch {epoch + 1}")


def logits_of(network, images):
    network.eval()
    with torch.no_grad():
        return torch.cat([network(x.contiguous(memory_format=torch.channels_last)) for x in images.split(100)])


def scores_of(modules, logits, name):
    """The published score, by the head of DisMax whatever the network's head is."""
    head = modules["dismax"].DisMaxLossFirstPart(1, CLASSES)
    head.score_type = name
    return head.scores(logits).double().numpy()


def detection(modules, known, unknown):
    """The published detection metrics, which read both lists of scores from text files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, scores in (("In", known), ("Out", unknown)):
            numpy.savetxt(f"{folder}/confidence_PoT_{name}.txt", scores, fmt="%.17g")
        found = modules["calculate_log"].metric(folder, ["PoT"])["PoT"]
    return {name: float(value) for name, value in found.items()}


def run(arguments):
    torch.set_num_threads(1)
    modules = published_modules(arguments.code)
    images, labels, test_images, test_labels, unknown_images = read_data(arguments.data)
    torch.manual_seed(arguments.seed)
    family = arguments.loss.removesuffix("_fpr")
    parts = {"softmax": "SoftMaxLoss", "isomaxplus": "IsoMaxPlusLoss", "dismax": "DisMaxLoss"}[family]
    network = ResNet20(getattr(modules[family], parts + "FirstPart")).to(memory_format=torch.channels_last)
    regularization = {"regularization": "fpr"} if arguments.loss == "dismax_fpr" else {}
    loss_function = getattr(modules[family], parts + "SecondPart")(network.classifier, **regularization)
    border = torch.zeros(3)
    if arguments.border == "black":
        border = -torch.tensor(MEAN) / torch.tensor(STD)
    train(network, loss_function, images, labels, arguments.epochs, border)

    known, unknown = logits_of(network, test_images), logits_of(network, unknown_images)
    ece = modules["metrics"].ECELoss()
    answers, truth = known.numpy(), test_labels.numpy()
    temperature, after, _ = scipy.optimize.fmin_l_bfgs_b(
        lambda t: ece.loss(answers / t, truth, 15), numpy.array([1.0]), approx_grad=True, bounds=[(0.001, 100)]
    )
    inside = 0.001 < temperature[0] < 100  # the published code reports no other
    result = {
        "kind": arguments.loss,
        "seed": arguments.seed,
        "accuracy": (known.argmax(1) == test_labels).float().mean().item(),
        "ece_before": float(ece.loss(answers, truth, 15)),
        "ece_after_lbfgsb_on_test": float(after) if inside else None,
        "temperature": float(temperature[0]) if inside else None,
        "ood": {
            "tinyimagenet_resize": {
                score: detection(modules, scores_of(modules, known, score), scores_of(modules, unknown, score))
                for score in SCORES
            }
        },
        "torch": torch.__version__,
    }
    if arguments.border != "mean":
        result["border"] = arguments.border
    if arguments.epochs != EPOCHS:
        result["epochs"] = arguments.epochs
    return result


def gather(paths):
    """Returns results as one file, which have to be of one protocol."""
    runs = [json.loads(path.read_text()) for path in paths]
    if len({(run.get("border"), run.get("epochs")) for run in runs}) > 1:
        sys.exit("not all of one protocol: gather runs of one --border and one --epochs")
    note = "Made by tests/published/run_published.py: the published PyTorch losses, scores, metrics and calibration, "
    note += "by the protocol of small_protocol.json but where a run names border or epochs; the last epoch's network."
    return {"note": note, "runs": runs}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--code", type=pathlib.Path, help="clone of the published code")
    parser.add_argument("--data", type=pathlib.Path, help="folder of the two zip files")
    parser.add_argument("--loss", choices=("softmax", "isomaxplus", "dismax", "dismax_fpr"))
    parser.add_argument("--seed", type=int, help="one that the golden files do not have of this loss")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="fewer for a try; the rate drops at 7, 10 and 12")
    parser.add_argument(
        "--border",
        choices=("mean", "black"),
        default="mean",
        help="what crops reach into: 0 after normalization, as in the protocol, or black, as in the published loaders",
    )
    parser.add_argument("--gather", type=pathlib.Path, nargs="+", help="results to write as one file")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the file to write")
    arguments = parser.parse_args()
    if not arguments.out.parent.is_dir():
        parser.error(f"--out {arguments.out}: no such folder")
    if arguments.gather:
        result = gather(arguments.gather)
    elif arguments.code and arguments.data and arguments.loss and arguments.seed is not None:
        result = run(arguments)
    else:
        parser.error("name --code, --data, --loss and --seed, or the results to --gather")
    arguments.out.write_text(json.dumps(result, indent=1, allow_nan=False) + "\n")


if __name__ == "__main__":
    main()
