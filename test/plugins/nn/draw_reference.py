# Draws a small U-Net and a batch at random and writes what PyTorch computes on them, in the form of the stored
# reference: reference.json and reference.safetensors. Run: python draw_reference.py FOLDER SEED
import json
import pathlib
import struct
import sys

import torch
from torch.nn import functional

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "bench" / "training"))
from network import UNet  # noqa: E402

# Results must be this close to those of float64, of their largest value: a fifth of what the tests allow. Where
# they are not, an activation lies so near to zero that rounding decides on which side of ReLU's bend it
# falls; such a draw says nothing about whether the network is right, and another one is made.
STABLE = 2e-5
STABLE_CURVE = 2e-4
# How far weights are moved, of their size, to see what rounding could do.
NUDGE = 1e-6
DRAWS = 200
STEPS = 5
CURVE_STEPS = 20


def dice(logits, label):
    probability = logits.softmax(1)
    truth = functional.one_hot(label, logits.shape[1]).permute(0, 3, 1, 2).to(logits.dtype)
    axes = (0, 2, 3)
    common = 2 * (probability * truth).sum(axes) + 1
    return (1 - common / (probability.sum(axes) + truth.sum(axes) + 1)).mean()


def focal(logits, label):
    log_right = logits.log_softmax(1).gather(1, label[:, None])
    return (-(1 - log_right.exp()) ** 2 * log_right).mean()


def losses(class_weights):
    cross_entropy = functional.cross_entropy
    return {
        "cross_entropy": cross_entropy,
        "weighted_cross_entropy": lambda x, y: cross_entropy(x, y, weight=class_weights.to(x.dtype)),
        "cross_entropy_ignore_0": lambda x, y: cross_entropy(x, y, ignore_index=0),
        "dice": dice,
        "cross_entropy_plus_dice": lambda x, y: cross_entropy(x, y) + dice(x, y),
        "focal": focal,
    }


OPTIMISERS = {
    "adam": lambda parameters: torch.optim.Adam(parameters, lr=1e-3),
    "adamw": lambda parameters: torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.01),
    "sgd": lambda parameters: torch.optim.SGD(parameters, lr=0.01, momentum=0.9, weight_decay=1e-5),
}
CURVE = {"curve": lambda parameters: torch.optim.Adam(parameters, lr=5e-3)}


class Draw:
    """A network, a batch and class weights, drawn from a seed."""

    def __init__(self, seed):
        torch.manual_seed(seed)
        pick = lambda low, high: int(torch.randint(low, high + 1, ()))
        self.shape = {"base": pick(2, 4), "depth": 2, "bands": pick(1, 5), "classes": pick(2, 6)}
        self.size, self.batch = 8 * pick(2, 3), pick(2, 3)
        self.weights = UNet(**self.shape).state_dict()
        for name, tensor in self.weights.items():
            if name.endswith("num_batches_tracked"):
                continue
            if tensor.dim() == 1:  # biases, and all of batch normalisation
                tensor.copy_(tensor + torch.rand_like(tensor) * 0.5)
        self.image = torch.randn(self.batch, self.shape["bands"], self.size, self.size)
        self.label = torch.randint(0, self.shape["classes"], (self.batch, self.size, self.size))
        self.class_weights = torch.rand(self.shape["classes"]) * 3 + 0.1

    def network(self, dtype, nudge):
        network = UNet(**self.shape)
        network.load_state_dict(self.weights)
        network.to(dtype)
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.mul_(1 + nudge * torch.randn_like(parameter))
        return network

    def results(self, dtype, nudge=0.0):
        """All tensors by name, and all losses by name."""
        image = self.image.to(dtype)
        named, scalars, steps = {}, {}, {}
        network = self.network(dtype, nudge)
        named["eval.logits"] = network.eval()(image).detach()
        named["train.logits"] = network.train()(image).detach()
        for name, tensor in network.state_dict().items():
            if "running" in name:
                named[f"after_forward.{name}"] = tensor.clone()
        for name, loss_of in losses(self.class_weights).items():
            network.zero_grad()
            loss = loss_of(network(image), self.label)
            loss.backward()
            scalars[name] = loss.item()
            for parameter, value in network.named_parameters():
                named[f"grad.{name}.{parameter}"] = value.grad.clone()
        for name, optimiser in {**OPTIMISERS, **CURVE}.items():
            network = self.network(dtype, nudge)
            steps[name] = self.train(network, optimiser, CURVE_STEPS if name == "curve" else STEPS)
            if name == "curve":
                continue
            for weight, tensor in network.state_dict().items():
                if not weight.endswith("num_batches_tracked"):
                    named[f"after{STEPS}.{name}.{weight}"] = tensor.clone()
        return named, scalars, steps

    def train(self, network, make_optimiser, steps):
        optimiser = make_optimiser(network.train().parameters())
        curve = []
        for _ in range(steps):
            optimiser.zero_grad()
            loss = functional.cross_entropy(network(self.image.to(next(network.parameters()).dtype)), self.label)
            loss.backward()
            optimiser.step()
            curve.append(loss.item())
        return curve


def is_stable(draw, exact):
    named, _, steps = exact
    for dtype, nudge in [(torch.float32, 0.0), (torch.float64, NUDGE), (torch.float64, NUDGE)]:
        other, _, other_steps = draw.results(dtype, nudge)
        for name, expected in named.items():
            if (other[name].double() - expected).abs().max() > STABLE * expected.abs().max():
                return False
        for expected, found in zip(steps["curve"], other_steps["curve"]):
            if abs(found - expected) > STABLE_CURVE * abs(expected):
                return False
    return True


def write_safetensors(path, tensors):
    header, parts, end = {}, [], 0
    for name, tensor in tensors.items():
        data = tensor.float().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [end, end + len(data)]}
        end += len(data)
        parts.append(data)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


def main():
    folder, seed = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(1)
    for attempt in range(DRAWS):
        draw = Draw(seed * DRAWS + attempt)
        exact = draw.results(torch.float64)
        if is_stable(draw, exact):
            break
    else:
        sys.exit(f"None of {DRAWS} draws of seed {seed} is stable")
    named, scalars, steps = exact
    initial = {
        f"initial.{name}": tensor for name, tensor in draw.weights.items()
        if not name.endswith("num_batches_tracked")
    }
    batch = {"batch.image": draw.image, "batch.label": draw.label, "class_weights": draw.class_weights}
    write_safetensors(f"{folder}/reference.safetensors", {**initial, **batch, **named})
    curve = steps.pop("curve")
    facts = {**draw.shape, "size": draw.size, "batch": draw.batch, "loss": scalars, "optimiser": steps,
             "curve": curve, "attempt": attempt}
    with open(f"{folder}/reference.json", "w") as file:
        json.dump(facts, file)


main()
