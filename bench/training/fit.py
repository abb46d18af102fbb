# Trains the U-Net in PyTorch as `train` does: the same first weights, the same tiles in the same order, flipped
# alike, the same schedule, the weights of the best validation kept. Prints JSON: IoU per class of the test split.
# Run: python fit.py FOLDER THREADS, a folder that quality.ts has filled
import json
import math
import sys

import numpy as np
import torch
from torch import nn

from network import UNet

folder = sys.argv[1]
torch.set_num_threads(int(sys.argv[2]))
with open(f"{folder}/job.json") as file:
    job = json.load(file)
classes, edge, bands = job["classes"], job["tile"], job["bands"]
pixels = np.fromfile(f"{folder}/pixels", np.uint8).reshape(-1, bands, edge, edge)
masks = np.fromfile(f"{folder}/masks", np.uint8).reshape(-1, edge, edge)
mean = torch.tensor(job["mean"]).view(1, -1, 1, 1)
deviation = torch.tensor(job["deviation"]).view(1, -1, 1, 1)


def load(views):
    """A batch of images [n, bands, edge, edge] and labels [n, edge, edge]."""
    def shown(plane, view):
        plane = plane[..., ::-1, :] if view["flipY"] else plane
        return plane[..., ::-1] if view["flipX"] else plane
    image = np.stack([shown(pixels[view["tile"]], view) for view in views])
    label = np.stack([shown(masks[view["tile"]], view) for view in views])
    return (torch.from_numpy(image).float() - mean) / deviation, torch.from_numpy(label).long()


def first_weights():
    flat, start, named = torch.from_file(f"{folder}/start", size=job["length"]), 0, {}
    for name, shape in job["weights"]:
        end = start + math.prod(shape)
        named[name] = flat[start:end].view(shape).clone()
        start = end
    return named


def iou(indices):
    """Intersection over union per class over the tiles of these indices; None where there is none."""
    counts = np.zeros((classes, classes))
    model.eval()
    with torch.inference_mode():
        for at in range(0, len(indices), job["batch"]):
            image, label = load([{"tile": index, "flipX": False, "flipY": False}
                                 for index in indices[at:at + job["batch"]]])
            predicted = model(image).argmax(1)
            known = label != 255
            cells = label[known] * classes + predicted[known]
            counts += np.bincount(cells.numpy(), minlength=classes ** 2).reshape(classes, classes)
    hit, union = counts.diagonal(), counts.sum(0) + counts.sum(1) - counts.diagonal()
    return [float(h / u) if u > 0 else None for h, u in zip(hit, union)]


def mean_of_known(values):
    known = [value for value in values if value is not None]
    return sum(known) / len(known)


model = UNet(job["base"], job["depth"], classes, bands)
model.load_state_dict(first_weights(), strict=False)
optimiser = torch.optim.Adam(model.parameters())
loss_of = nn.CrossEntropyLoss(ignore_index=255)
steps, done, best = sum(len(epoch) for epoch in job["epochs"]), 0, -1
for number, epoch in enumerate(job["epochs"], 1):
    model.train()
    total = 0
    for views in epoch:
        for group in optimiser.param_groups:
            group["lr"] = job["rate"] * (1 + math.cos(math.pi * done / steps)) / 2
        image, label = load(views)
        optimiser.zero_grad()
        loss = loss_of(model(image), label)
        loss.backward()
        optimiser.step()
        total, done = total + loss.item(), done + 1
    valid = mean_of_known(iou(job["val"]))
    print(f"epoch {number}: loss {total / len(epoch):.4f}, mean IoU {valid:.4f}", file=sys.stderr, flush=True)
    if valid > best:
        best, kept = valid, {name: value.clone() for name, value in model.state_dict().items()}
model.load_state_dict(kept)
print(json.dumps(iou(job["test"])))
