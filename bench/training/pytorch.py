# Times a U-Net in PyTorch: training steps (forward, loss, gradients, Adam), or predictions of whole images. Prints
# JSON. Run: python pytorch.py step|predict SIZE BATCH BASE DEPTH CLASSES THREADS contiguous|channels_last WARM_UP RUNS
import json
import resource
import sys
import time

import torch
from torch import nn

from network import UNet

mode = sys.argv[1]
size, batch, base, depth, classes, threads = (int(value) for value in sys.argv[2:8])
layout = torch.channels_last if sys.argv[8] == "channels_last" else torch.contiguous_format
warm_up, runs = (int(value) for value in sys.argv[9:11])
torch.set_num_threads(threads)

model = UNet(base, depth, classes).to(memory_format=layout)
image = torch.randn(batch, 3, size, size).to(memory_format=layout)
label = torch.randint(0, classes, (batch, size, size))
optimiser = torch.optim.Adam(model.parameters())
loss_of = nn.CrossEntropyLoss(ignore_index=255)


def train():
    optimiser.zero_grad()
    loss_of(model(image), label).backward()
    optimiser.step()


def predict():
    with torch.inference_mode():
        model(image).argmax(1)


model.train(mode == "step")
run = train if mode == "step" else predict
times, processor = [], []
for _ in range(warm_up + runs):
    start, used = time.perf_counter(), time.process_time()
    run()
    times.append((time.perf_counter() - start) * 1000)
    processor.append((time.process_time() - used) * 1000)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"times": times[warm_up:], "processor": processor[warm_up:], "peak": peak}))
