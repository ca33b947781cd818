"""relayout.py FROM TO depth|random: the same hive with its cells elsewhere, for bench.py: keys depth first, each
with what is its own behind it, or all cells in random order. For hives without volatile keys."""
import random
import struct
import sys

NONE = 0xFFFFFFFF
BASE = 0x1000
BIN = 0x10000


def u16(hive, at):
    return struct.unpack_from("<H", hive, at)[0]


def u32(hive, at):
    return struct.unpack_from("<I", hive, at)[0]


class Cells:
    """Cells by their offset in the order in which they were met, and the places of all offsets in them."""

    def __init__(self, hive):
        self.hive = hive
        self.n_bytes = {}
        self.pointers = []
        self.walk(u32(hive, 36))

    def point(self, cell, field):
        """The cell that @field of @cell leads to, noted; NONE: to none, or to one that was met before."""
        target = u32(self.hive, BASE + cell + 4 + field)
        if target == NONE:
            return NONE
        self.pointers.append((cell, field, target))
        if target in self.n_bytes:
            return NONE
        self.n_bytes[target] = -struct.unpack_from("<i", self.hive, BASE + target)[0]
        return target

    def walk(self, root):
        self.n_bytes[root] = -struct.unpack_from("<i", self.hive, BASE + root)[0]
        stack = [(root, True)]
        while stack:
            cell, is_key = stack.pop()
            found = self.key(cell) if is_key else self.subkeys(cell)
            stack.extend(reversed(found))

    def key(self, cell):
        at = BASE + cell + 4
        n_subkeys, n_values, n_class = u32(self.hive, at + 20), u32(self.hive, at + 36), u16(self.hive, at + 74)
        self.point(cell, 16)
        self.security(self.point(cell, 44))
        if n_class:
            self.point(cell, 48)
        if n_values:
            values = self.point(cell, 40)
            for i in range(n_values):
                self.value(self.point(values, 4 * i))
        return [(self.point(cell, 28), False)] if n_subkeys else []

    def security(self, cell):
        waiting = [cell]
        while waiting:
            cell = waiting.pop()
            if cell != NONE:
                waiting += [self.point(cell, 4), self.point(cell, 8)]

    def value(self, cell):
        size = u32(self.hive, BASE + cell + 8)
        if size == 0 or size & 0x80000000:
            return
        data = self.point(cell, 8)
        if size > 16344 and self.hive[BASE + data + 4:BASE + data + 6] == b"db":
            parts = self.point(data, 4)
            for i in range(u16(self.hive, BASE + data + 6)):
                self.point(parts, 4 * i)

    def subkeys(self, cell):
        kind, n = self.hive[BASE + cell + 4:BASE + cell + 6], u16(self.hive, BASE + cell + 6)
        step = 8 if kind in (b"lf", b"lh") else 4
        return [(self.point(cell, 4 + step * i), kind != b"ri") for i in range(n)]


def place(cells, order):
    """(bytes of the bins, new offset of each cell)"""
    bins = bytearray()
    places = {}
    room = 0
    for cell in order:
        n = cells.n_bytes[cell]
        if n > room:
            fill(bins, room)
            n_bin = max(BIN, -(-(n + 32) // 4096) * 4096)
            bins += struct.pack("<4sIIQQI", b"hbin", len(bins), n_bin, 0, 0, 0)
            room = n_bin - 32
        places[cell] = len(bins)
        bins += cells.hive[BASE + cell:BASE + cell + n]
        room -= n
    fill(bins, room)
    return bins, places


def fill(bins, room):
    if room:
        bins += struct.pack("<i", room) + bytes(room - 4)


def main():
    with open(sys.argv[1], "rb") as file:
        hive = file.read()
    cells = Cells(hive)
    order = list(cells.n_bytes)
    if sys.argv[3] == "random":
        random.Random(12).shuffle(order)
    bins, places = place(cells, order)
    for cell, field, target in cells.pointers:
        struct.pack_into("<I", bins, places[cell] + 4 + field, places[target])
    base = bytearray(hive[:BASE])
    struct.pack_into("<II", base, 36, places[u32(hive, 36)], len(bins))
    checksum = 0
    for word in struct.unpack_from("<127I", base):
        checksum ^= word
    struct.pack_into("<I", base, 508, {0: 1, NONE: NONE - 1}.get(checksum, checksum))
    with open(sys.argv[2], "wb") as file:
        file.write(base + bins)


main()
