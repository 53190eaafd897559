#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long PyTorch takes for RS-UNet on this CPU: one patch, and the published tiling of a volume.

    rsunet_pytorch.py [--volume D H W] [--patches N] [--threads N] [--fast] [--bfloat16]
    rsunet_pytorch.py --step BATCH D H W [--layout contiguous|channels_last] [--repeats N] [--threads N] [--fast]

The network is written from the method's description (Xie et al. 2025, vbaf021). The published tiling runs
patches of 18x160x160 every 9x80x80 voxels and takes the mean where they overlap; N patches are run one after
another and the time of the volume is extrapolated from them, which the output says. --step times one training
step instead (forward, soft Dice and cross-entropy, backward, Adam), after one that warms up.
"""
import argparse
import math
import time

import torch
from torch import nn
from torch.nn import functional as F


class Module(nn.Module):
    """Three convolutions; the first one's result joins the third's."""

    def __init__(self, before, width):
        super().__init__()
        self.conv1 = nn.Conv3d(before, width, (1, 3, 3), padding=(0, 1, 1))
        self.conv2 = nn.Conv3d(width, width, 3, padding=1)
        self.conv3 = nn.Conv3d(width, width, 3, padding=1)
        self.bn1, self.bn2, self.bn3 = (nn.BatchNorm3d(width) for _ in range(3))

    def forward(self, x):
        first = F.elu(self.bn1(self.conv1(x)))
        second = F.elu(self.bn2(self.conv2(first)))
        return F.elu(self.bn3(self.conv3(second) + first))


class RSUNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        w = widths
        self.conv0 = nn.Conv3d(1, w[0], (1, 5, 5), padding=(0, 2, 2))
        self.down = nn.ModuleList(Module(a, b) for a, b in zip(w, w[1:]))
        steps = list(zip(w[:0:-1], w[-2::-1]))
        factors = [2] * (len(steps) - 1) + [1]
        self.ups = nn.ModuleList(
            nn.ConvTranspose3d(a, b, (1, f, f), stride=(1, f, f)) for (a, b), f in zip(steps, factors))
        self.up = nn.ModuleList(Module(b, b) for _, b in steps)
        self.conv9 = nn.Conv3d(w[0], 1, (1, 5, 5), padding=(0, 2, 2))

    def forward(self, x):
        x = F.elu(self.conv0(x))
        skips = [x]
        for level, module in enumerate(self.down):
            if level:
                x = F.max_pool3d(x, (1, 2, 2))
            x = module(x)
            skips.append(x)
        skips.pop()
        for enlarge, module in zip(self.ups, self.up):
            x = module(enlarge(x) + skips.pop())
        return self.conv9(x)


def starts(count, patch, stride):
    if count <= patch:
        return 1
    return math.ceil((count - patch) / stride) + 1


def time_step(network, options):
    """The best of some steps on one batch."""
    layout = torch.channels_last_3d if options.layout == "channels_last" else torch.contiguous_format
    batch, *size = options.step
    network = network.train().to(memory_format=layout)
    patch = (torch.rand(batch, 1, *size) * 2 - 1).to(memory_format=layout)
    truth = (torch.rand(batch, 1, *size) < 0.3).float()
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    times = []
    for _ in range(options.repeats + 1):
        start = time.perf_counter()
        optimizer.zero_grad()
        logits = network(patch)
        p = torch.sigmoid(logits)
        dice = 1 - (2 * (p * truth).sum() + 1) / (p.sum() + truth.sum() + 1)
        (dice + F.binary_cross_entropy_with_logits(logits, truth)).backward()
        optimizer.step()
        times.append(time.perf_counter() - start)
    print(f"step {options.layout}: {min(times[1:]):.3f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--volume", type=int, nargs=3, default=[64, 1024, 1024])
    parser.add_argument("--patches", type=int, default=4)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--bfloat16", action="store_true")
    parser.add_argument("--step", type=int, nargs=4, metavar=("BATCH", "D", "H", "W"))
    parser.add_argument("--layout", choices=["contiguous", "channels_last"], default="contiguous")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    widths = [16, 32, 48, 64, 80] if options.fast else [28, 36, 48, 64, 80]
    if options.step:
        time_step(RSUNet(widths), options)
        return
    network = RSUNet(widths).eval()
    patch = torch.rand(1, 1, 18, 160, 160) * 2 - 1
    if options.bfloat16:
        network, patch = network.bfloat16(), patch.bfloat16()
    parameters = sum(p.numel() for p in network.parameters())
    print(f"torch {torch.__version__}, {options.threads} threads, {parameters} parameters")
    best = math.inf
    with torch.inference_mode():
        for layout in (torch.contiguous_format, torch.channels_last_3d):
            network, patch = network.to(memory_format=layout), patch.to(memory_format=layout)
            network(patch)
            times = []
            for _ in range(max(2, options.patches // 2)):
                start = time.perf_counter()
                torch.sigmoid(network(patch))
                times.append(time.perf_counter() - start)
            name = "channels last" if layout == torch.channels_last_3d else "contiguous"
            print(f"forward 18x160x160 {name}: best {min(times):.3f} s, mean {sum(times) / len(times):.3f} s")
            best = min(best, sum(times) / len(times))
    count = 1
    for size, length, stride in zip(options.volume, (18, 160, 160), (9, 80, 80)):
        count *= starts(size, length, stride)
    text = "x".join(map(str, options.volume))
    print(f"published tiling of {text}: {count} patches, {count * best:.0f} s extrapolated from the better mean")


if __name__ == "__main__":
    main()
