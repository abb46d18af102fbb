# The U-Net in PyTorch, with the layers and names of ours: for benchmarks, and for the tests that draw a reference.
import torch
from torch import nn


class DoubleConvolution(nn.Module):
    def __init__(self, into, out):
        super().__init__()
        self.double_conv = nn.Sequential(
            nn.Conv2d(into, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU(inplace=True),
            nn.Conv2d(out, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU(inplace=True))

    def forward(self, x):
        return self.double_conv(x)


class Down(nn.Module):
    def __init__(self, into, out):
        super().__init__()
        self.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), DoubleConvolution(into, out))

    def forward(self, x):
        return self.maxpool_conv(x)


class Up(nn.Module):
    def __init__(self, into, out):
        super().__init__()
        self.up = nn.ConvTranspose2d(into, out, 2, stride=2)
        self.conv = DoubleConvolution(into, out)

    def forward(self, x, skip):
        return self.conv(torch.cat([skip, self.up(x)], dim=1))


class Last(nn.Module):
    def __init__(self, into, out):
        super().__init__()
        self.conv = nn.Conv2d(into, out, 1)

    def forward(self, x):
        return self.conv(x)


class UNet(nn.Module):
    def __init__(self, base, depth, classes, bands=3):
        super().__init__()
        self.depth = depth
        widths = [base * 2 ** level for level in range(depth + 1)]
        self.inc = DoubleConvolution(bands, base)
        for level in range(1, depth + 1):
            self.add_module(f"down{level}", Down(widths[level - 1], widths[level]))
        for level in range(1, depth + 1):
            self.add_module(f"up{level}", Up(widths[depth + 1 - level], widths[depth - level]))
        self.outc = Last(base, classes)

    def forward(self, x):
        skips = [self.inc(x)]
        for level in range(1, self.depth + 1):
            skips.append(getattr(self, f"down{level}")(skips[-1]))
        x = skips.pop()
        for level in range(1, self.depth + 1):
            x = getattr(self, f"up{level}")(x, skips.pop())
        return self.outc(x)
