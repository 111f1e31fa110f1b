"""Two decays of the same strength by PyTorch: L2 in the loss under Adam, and AdamW. A small network, step by step.

    python -m venv venv && venv/bin/pip install torch==2.15.0
    venv/bin/python tests/goldens/decays.py > tests/goldens/decays.json
"""

import json

import torch
from torch.nn import functional

SIZES = [5, 4, 3]
SAMPLES = 8
RATE, DECAY = 0.01, 0.3
STEPS = 30
TOLD = [1, 2, 10, 30]

# As the lab names them; ours are `[in, out]`, PyTorch's `[out, in]`.
NAMES = ["hidden.0.weight", "hidden.0.bias", "output.weight", "output.bias"]


def told(parameters):
    flat = [(tensor.T if tensor.dim() == 2 else tensor).detach().flatten().tolist() for tensor in parameters]
    return dict(zip(NAMES, flat))


def logits(parameters, inputs):
    first, first_bias, second, second_bias = parameters
    return functional.linear(functional.relu(functional.linear(inputs, first, first_bias)), second, second_bias)


def trained(start, inputs, labels, optimiser_of, penalty):
    parameters = [tensor.clone().requires_grad_() for tensor in start]
    matrices, biases = parameters[::2], parameters[1::2]
    optimiser = optimiser_of(matrices, biases)
    course = []
    for step in range(1, STEPS + 1):
        optimiser.zero_grad()
        loss = functional.cross_entropy(logits(parameters, inputs), labels)
        (loss + penalty * sum(matrix.square().sum() for matrix in matrices) / 2).backward()
        optimiser.step()
        if step in TOLD:
            course.append(told(parameters))
    return course


def groups(matrices, biases, decay):
    return [{"params": matrices, "weight_decay": decay}, {"params": biases, "weight_decay": 0.0}]


def main():
    torch.manual_seed(5)
    start = []
    for inputs, outputs in zip(SIZES, SIZES[1:]):
        start += [torch.randn(outputs, inputs) * 0.5, torch.randn(outputs) * 0.1]
    inputs, labels = torch.randn(SAMPLES, SIZES[0]), torch.arange(SAMPLES) % SIZES[-1]

    adam = lambda matrices, biases: torch.optim.Adam(groups(matrices, biases, 0.0), lr=RATE)
    adam_w = lambda matrices, biases: torch.optim.AdamW(groups(matrices, biases, DECAY), lr=RATE)
    in_loss = trained(start, inputs, labels, adam, DECAY)
    # What PyTorch's Adam calls weight decay is the same penalty, taken as a gradient.
    as_gradient = lambda matrices, biases: torch.optim.Adam(groups(matrices, biases, DECAY), lr=RATE)
    for ours, theirs in zip(in_loss, trained(start, inputs, labels, as_gradient, 0.0)):
        assert all(abs(a - b) < 1e-5 for name in NAMES for a, b in zip(ours[name], theirs[name]))
    print(
        json.dumps(
            {
                "sizes": SIZES,
                "rate": RATE,
                "decay": DECAY,
                "inputs": inputs.flatten().tolist(),
                "labels": labels.tolist(),
                "start": told(start),
                "steps": TOLD,
                "in_loss": in_loss,
                "decoupled": trained(start, inputs, labels, adam_w, 0.0),
            }
        )
    )


main()
