"""Chance with a fixed seed.

Only random() and getrandbits() of the Mersenne Twister are used: their sequence is the same in every Python 3, while
choice() and shuffle() have changed between versions.
"""

import random

ID_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
NAME_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'


class Dice:
    """One sequence of chance; every id and every choice of the story comes from it, in one order."""

    def __init__(self, seed):
        self.source = random.Random(seed)

    def chance(self, probability):
        return self.source.random() < probability

    def between(self, low, high):
        """A whole number from low to high, both included."""
        return low + int(self.source.random() * (high - low + 1))

    def pick(self, items):
        return items[int(self.source.random() * len(items))]

    def weighted(self, pairs):
        """One value of [(weight, value), ...]."""
        rest = self.source.random() * sum(weight for weight, _ in pairs)
        for weight, value in pairs:
            rest -= weight
            if rest < 0:
                return value
        return pairs[-1][1]

    def shuffled(self, items):
        return [item for _, item in sorted(((self.source.random(), n), item) for n, item in enumerate(items))]

    def letters(self, count, alphabet=NAME_LETTERS):
        return ''.join(self.pick(alphabet) for _ in range(count))

    def hexadecimal(self, count):
        return '%0*x' % (count, self.source.getrandbits(count * 4))

    def uuid(self):
        bits = self.source.getrandbits(128) & ~(0xf << 76) & ~(0x3 << 62) | 0x4 << 76 | 0x2 << 62
        text = '%032x' % bits
        return '-'.join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    def aws_id(self, prefix, length=20):
        """AKIA..., ASIA..., AIDA..., AROA...: the prefix and base-32 letters."""
        return prefix + self.letters(length - len(prefix), ID_LETTERS)

    def resource_id(self, prefix):
        return '%s-0%s' % (prefix, self.hexadecimal(16))
