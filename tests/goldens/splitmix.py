"""The generator that golden scripts and their Rust tests share: SplitMix64 (Steele, Lea and Flood 2014)."""

MASK = (1 << 64) - 1


class SplitMix:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        mixed = ((self.state ^ (self.state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        return mixed ^ (mixed >> 31)

    def below(self, bound):
        return (self.next() >> 33) % bound


def fingerprint(values):
    """One number that no value can change without it."""
    return float(sum(float(value) * (1.0 + 0.1 * place) for place, value in enumerate(values)))
