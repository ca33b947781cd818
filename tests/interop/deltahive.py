"""An empty differencing hive, byte by byte: one key ROOT with the descriptor that Windows' offline
registry library gives it. docs/FORMATS-differencing.md."""

import struct

# O:BA G:BA D:(A;CI;KA;;;SY)(A;CI;KA;;;BA)(A;CI;KR;;;WD)(A;CI;KR;;;RC)
ROOT_DESCRIPTOR = bytes.fromhex(
    "0100048070000000800000000000000014000000" "02005c0004000000"
    "000214003f000f00010100000000000512000000"
    "000218003f000f0001020000000000052000000020020000"
    "0002140019000200010100000000000100000000"
    "000214001900020001010000000000050c000000"
    "01020000000000052000000020020000" "01020000000000052000000020020000")
NIL = 0xFFFFFFFF
EPOCH_1970 = 116444736000000000


def empty_delta(name):
    header = bytearray(4096)
    header[0:4] = b"regf"
    struct.pack_into("<II", header, 4, 1, 1)
    struct.pack_into("<IIIIIII", header, 20, 1, 6, 0, 1, 0x20, 0x1000, 1)
    header[48:48 + 2 * len(name)] = name.encode("utf-16-le")
    struct.pack_into("<I", header, 0x90, 2)
    checksum = 0
    for word in struct.unpack_from("<127I", header):
        checksum ^= word
    struct.pack_into("<I", header, 508, checksum)

    key = (struct.pack("<i", -0x58) + b"nk" + struct.pack("<HQBBH", 0x2C, EPOCH_1970, 2, 0, 0)
           + struct.pack("<IIIIIIIII", NIL, 0, 0, NIL, NIL, 0, NIL, 0x78, NIL)
           + struct.pack("<IIIIIHH", 0, 0, 0, 0, 0, 4, 0) + b"ROOT").ljust(0x58, b"\0")
    security = (struct.pack("<i", -0xA8) + b"sk"
                + struct.pack("<HIIII", 0, 0x78, 0x78, 1, len(ROOT_DESCRIPTOR))
                + ROOT_DESCRIPTOR).ljust(0xA8, b"\0")
    used = 32 + len(key) + len(security)
    bin_header = b"hbin" + struct.pack("<IIQQI", 0, 0x1000, 0, 0, 0)
    free = struct.pack("<I", 0x1000 - used).ljust(0x1000 - used, b"\0")
    return bytes(header) + bin_header + key + security + free
