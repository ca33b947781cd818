"""Makes a tar from a list of entries, so that tests have layers that layerpack itself would not write.

    make-layer.py OUT <list

A line of the list is a type (f file, d folder, h hard link, s symbolic link, p FIFO, g global PAX
header, 7 and S kinds of files, L GNU's long name), a name in which \\n, \\x2f and so on are escapes,
and words: @FILE the content, >TARGET a link's target, KEY=VALUE a PAX record, !PLACE=BYTES bytes of
the header. A name or target over 100 bytes gets a record. The lines "end N" and "raw TEXT" write N zero blocks and
bytes as they are.
"""

import sys

TYPES = {"f": b"0", "d": b"5", "h": b"1", "s": b"2", "p": b"6", "g": b"g",
         "7": b"7", "S": b"S", "L": b"L"}


def unescape(text):
    return text.encode().decode("unicode_escape").encode("latin-1")


def block(name, kind, size, link=b"", changes=()):
    header = bytearray(512)
    name, link = name[:100], link[:100]
    header[0:len(name)] = name
    header[100:108] = b"0000644\0"
    header[108:116] = header[116:124] = b"0000000\0"
    header[124:136] = b"%011o\0" % size
    header[136:148] = b"%011o\0" % 0
    header[148:156] = b" " * 8
    header[156:157] = kind
    header[157:157 + len(link)] = link
    header[257:265] = b"ustar\00000"
    for place, changed in changes:
        header[place:place + len(changed)] = changed
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def padded(content):
    return content + bytes(-len(content) % 512)


def record(key, value):
    rest = len(key) + len(value) + 3
    length = rest + len(str(rest))
    length = rest + len(str(length))
    return b"%d %s=%s\n" % (length, key, value)


def entry(words):
    kind, name = TYPES[words[0]], unescape(words[1])
    content, link, records, changes = b"", b"", b"", []
    for word in words[2:]:
        if word.startswith("@"):
            with open(word[1:], "rb") as file:
                content = file.read()
        elif word.startswith(">"):
            link = unescape(word[1:])
        elif word.startswith("!"):
            place, changed = word[1:].split("=", 1)
            changes.append((int(place), unescape(changed)))
        else:
            key, value = word.split("=", 1)
            records += record(key.encode(), unescape(value))
    if kind == b"g":
        return block(name, kind, len(records)) + padded(records)
    if len(name) > 100 and kind != b"L":
        records += record(b"path", name)
    if len(link) > 100:
        records += record(b"linkpath", link)
    if kind == b"L":
        return block(b"LongLink", kind, len(name)) + padded(name)
    head = block(b"PaxHeader", b"x", len(records)) + padded(records) if records else b""
    return head + block(name, kind, len(content), link, changes) + padded(content)


def write(path, lines):
    with open(path, "wb") as out:
        for line in lines:
            words = line.split()
            if not words:
                continue
            if words[0] == "end":
                out.write(bytes(512 * int(words[1])))
            elif words[0] == "raw":
                out.write(unescape(words[1]))
            else:
                out.write(entry(words))


if __name__ == "__main__":
    write(sys.argv[1], sys.stdin)
