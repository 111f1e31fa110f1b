"""1,000 random traces through the callbacks of the real Keras, and values of its CosineDecay.

    pip install keras==3.15.1 jax==0.10.2 numpy==2.4.6
    python tests/goldens/keras_callbacks.py > tests/goldens/keras_callbacks.json

The traces are not stored: the Rust test draws the same ones from the same seeds. A trace is one
string: a hexadecimal digit an epoch (1 the rate was reduced, 2 training was stopped, 4 ModelCheckpoint saved,
8 EarlyStopping took the weights), a space, and a hash of every counter, rate and best value after every epoch.
"""

import json
import os
import struct

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import keras
import numpy

from splitmix import MASK, SplitMix


class Numbers(SplitMix):
    def unit(self):
        return (self.next() >> 11) / (1 << 53)


class Hash:
    """FNV-1a over little-endian u64."""

    def __init__(self):
        self.value = 0xCBF29CE484222325

    def add(self, number):
        for byte in struct.pack("<Q", number):
            self.value = ((self.value ^ byte) * 0x100000001B3) & MASK

    def add_float(self, number):
        if number is None:
            self.add(1)
        elif number != number:
            self.add(2)
        else:
            self.add(struct.unpack("<Q", struct.pack("<d", number))[0])


class Optimizer:
    """Keeps its rate as every optimiser of Keras does: as a float32."""

    def __init__(self, rate):
        self.rate = numpy.float32(rate)

    @property
    def learning_rate(self):
        return self.rate

    @learning_rate.setter
    def learning_rate(self, rate):
        self.rate = numpy.float32(rate)


class Model:
    def __init__(self, rate):
        self.optimizer = Optimizer(rate)
        self.stop_training = False
        self.saved = 0
        self.taken = 0

    def get_weights(self):
        self.taken += 1
        return self.taken

    def set_weights(self, weights):
        pass

    def save_weights(self, path, overwrite):
        self.saved += 1


def metric(numbers, kind, last):
    """The next value of a trace: a walk, a walk in coarse steps with ties, or steps too small for a float32."""
    if numbers.below(40) == 0:
        return float("nan"), last
    if kind == 0:
        last = last + (numbers.unit() - 0.6) * 0.1
    elif kind == 1:
        last = last + (numbers.below(5) - 2) * 0.125
    else:
        last = last + (numbers.unit() - 0.5) * 1e-7
    return last, last


def trace(seed):
    numbers = Numbers(seed)
    mode = "max" if numbers.below(2) else "min"
    min_delta = [0.0, 1e-4, 0.01, -0.125][numbers.below(4)]
    rate = [0.1, 0.01, 0.003][numbers.below(3)]
    least = [0.0, 0.001, 0.05][numbers.below(3)]
    factor = [0.1, 0.5, 0.9][numbers.below(3)]
    baseline = [None, 0.75][numbers.below(2)]
    plateau = keras.callbacks.ReduceLROnPlateau(
        monitor="m", mode=mode, min_delta=min_delta, factor=factor, min_lr=least,
        patience=numbers.below(4), cooldown=numbers.below(4),
    )
    stopping = keras.callbacks.EarlyStopping(
        monitor="m", mode=mode, min_delta=min_delta, baseline=baseline,
        patience=numbers.below(5), start_from_epoch=numbers.below(4), restore_best_weights=True,
    )
    checkpoint = keras.callbacks.ModelCheckpoint(
        "best.weights.h5", monitor="m", mode=mode, save_best_only=True, save_weights_only=True,
    )
    model = Model(rate)
    callbacks = [plateau, stopping, checkpoint]
    for callback in callbacks:
        callback.set_model(model)
        callback.on_train_begin()
    kind, last = numbers.below(3), 1.0
    events, sums = "", Hash()
    for epoch in range(8 + numbers.below(17)):
        value, last = metric(numbers, kind, last)
        before = (model.optimizer.rate, model.saved, model.taken)
        model.stop_training = False
        for callback in callbacks:
            callback.on_epoch_begin(epoch)
            callback.on_epoch_end(epoch, {"m": value})
        event = (
            (model.optimizer.rate != before[0])
            + 2 * model.stop_training
            + 4 * (model.saved != before[1])
            + 8 * (model.taken != before[2])
        )
        events += f"{event:x}"
        sums.add_float(float(model.optimizer.rate))
        for number in [plateau.wait, plateau.cooldown_counter, stopping.wait, stopping.best_epoch, stopping.stopped_epoch]:
            sums.add(number)
        for number in [plateau.best, stopping.best, checkpoint.best]:
            sums.add_float(number)
    return f"{events} {sums.value:016x}"


def cosine(initial, steps, target, warm_up):
    schedule = keras.optimizers.schedules.CosineDecay(
        initial, steps, warmup_target=target, warmup_steps=warm_up
    )
    total = steps + warm_up + 3
    rates = [float(schedule(step)) for step in range(0, total, max(1, total // 24))]
    return {"initial": initial, "steps": steps, "target": target, "warm_up": warm_up, "rates": rates}


print(
    json.dumps(
        {
            "keras": keras.__version__,
            "traces": [trace(seed) for seed in range(1000)],
            "cosine": [cosine(0.1, 100, None, 0), cosine(0.0, 90, 0.01, 10), cosine(1e-4, 40, 0.02, 7)],
        },
        indent=0,
    )
)
