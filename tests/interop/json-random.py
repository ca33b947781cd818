#!/usr/bin/env python3
"""json-random.py spans|values SEED N DOCUMENTS EXPECTED

Writes N random JSON documents to DOCUMENTS, and to EXPECTED what json-dump must say of them.
"spans" makes sound documents and knows the line and the text of each value; "values" damages them
and takes from Python's json what is a document and what is in it.
"""
import json
import random
import sys

STRINGS = ["", "a", "abc", "\"", "\\", "/", "\b\f\n\r\t", "\u00e4", "\u20ac", "\U0001f600", "\x7f",
           "}", "]", ",", ":", "{\"a\":1}", "\ufeff", "\u2028", " ", "x" * 40, "\x01", "\uffff"]
NUMBERS = ["0", "-0", "1", "-1", "1.10", "1e2", "1E400", "0.1e-7", "-1.5E+3", "9223372036854775807",
           "18446744073709551616", "123456789012345678901234567890", "0.10000000000000000000001"]
SPACES = ["", "", "", " ", "\n", "\t", "\r\n", "  \n "]


class Maker:
    """One document: its text, and what is known of its values."""

    def __init__(self, rng):
        self.rng = rng
        self.text = ""
        self.lines = []

    def space(self):
        self.text += self.rng.choice(SPACES)

    def spelled(self, string):
        """A string as JSON, each character plain or escaped at random."""
        out = ""
        short = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\"": "\"", "\\": "\\", "/": "/"}
        for char in string:
            must = ord(char) < 0x20 or char in "\"\\"
            way = self.rng.randrange(4)
            if char in short and (must or way == 0) and way != 1:
                out += "\\" + short[char]
            elif must or way == 1:
                units = char.encode("utf-16-be")
                form = self.rng.choice(["%04x", "%04X"])
                out += "".join("\\u" + form % int.from_bytes(units[i:i + 2], "big")
                               for i in range(0, len(units), 2))
            else:
                out += char
        return "\"" + out + "\""

    def event(self, kind, name, shown):
        """Reserves the line of a value; it is completed when its text is known."""
        self.lines.append([kind, name, shown, 1 + self.text.count("\n"), None])
        return self.lines[-1]

    def value(self, name, depth):
        """Appends a value; returns its compact text."""
        way = self.rng.randrange(9 if depth < 5 else 6)
        if way >= 6:
            return self.container(name, depth, way % 2 == 0)
        if way < 2:
            string = self.rng.choice(STRINGS) + self.rng.choice(STRINGS)
            spelled = self.spelled(string)
            event = self.event("s", name, string)
        else:
            spelled = self.rng.choice(NUMBERS) if way < 5 else self.rng.choice(["true", "false", "null"])
            kind = "n" if way < 5 else "z" if spelled == "null" else "b"
            event = self.event(kind, name, spelled)
        self.text += spelled
        event[4] = spelled
        return spelled

    def container(self, name, depth, is_object):
        event = self.event("o" if is_object else "a", name, "")
        compact = "{" if is_object else "["
        self.text += compact
        names = set()
        for i in range(self.rng.randrange(5)):
            key = self.rng.choice(STRINGS) + str(i)
            if is_object and key in names:
                continue
            names.add(key)
            if len(names) > 1:
                self.text += ","
                compact += ","
            self.space()
            if is_object:
                spelled = self.spelled(key)
                self.text += spelled
                self.space()
                self.text += ":"
                self.space()
                compact += spelled + ":"
            compact += self.value(key if is_object else "", depth + 1)
            self.space()
        if not names:
            self.space()
        self.text += "}" if is_object else "]"
        compact += "}" if is_object else "]"
        event[4] = compact
        return compact


class Number(str):
    """A number as it was spelled."""


class Refused(Exception):
    """What Python takes and RFC 8259, or we, do not."""


def members(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise Refused
    if len(pairs) > 256:
        raise Refused
    return dict(pairs)


def constant(_):
    raise Refused


def sound(string):
    if "\0" in string or any(0xd800 <= ord(char) < 0xe000 for char in string):
        raise Refused
    return string


def walk(name, value, out):
    if isinstance(value, Number):
        out.append(("n", name, str(value)))
    elif isinstance(value, str):
        out.append(("s", name, sound(value)))
    elif isinstance(value, dict):
        out.append(("o", name, ""))
        for key, item in value.items():
            walk(sound(key), item, out)
    elif isinstance(value, list):
        out.append(("a", name, ""))
        for item in value:
            walk("", item, out)
    elif value is None:
        out.append(("z", name, "null"))
    else:
        out.append(("b", name, "true" if value else "false"))


def by_python(data):
    """What Python's json says of @data: lines, or None."""
    out = []
    try:
        text = data.decode("utf-8")
        if "\0" in text or text.startswith("\ufeff"):
            return None
        walk("", json.loads(text, parse_int=Number, parse_float=Number, parse_constant=constant,
                            object_pairs_hook=members), out)
    except (ValueError, Refused, RecursionError):
        return None
    return out


def damage(rng, data):
    data = bytearray(data)
    for _ in range(rng.randrange(1, 3)):
        at = rng.randrange(len(data) + 1)
        way = rng.randrange(4)
        if way == 0:
            data[at:at] = bytes([rng.choice(b"\"\\{}[],:0123456789-+.eEtfnu \n\x00\x1f\x80\xc3\xff")])
        elif way == 1:
            del data[at:at + rng.randrange(1, 4)]
        elif way == 2 and at < len(data):
            data[at] = rng.choice(b"\"\\{}[],:019-+.eEtrfalsnu \n\x00\x1f\x80\xc3\xff")
        else:
            start = rng.randrange(len(data) + 1)
            data[at:at] = data[start:start + rng.randrange(12)]
    return bytes(data)


def hexed(text):
    return text.encode("utf-8").hex()


def main():
    mode, seed, number, documents, expected = sys.argv[1:]
    rng = random.Random(int(seed))
    with open(documents, "wb") as data_file, open(expected, "w", encoding="ascii") as file:
        for _ in range(int(number)):
            maker = Maker(rng)
            maker.space()
            maker.value("", 0)
            maker.space()
            data = maker.text.encode("utf-8")
            if mode == "spans":
                lines = ["%s %s %s %d %s" % (kind, hexed(name), hexed(shown), line, hexed(text))
                         for kind, name, shown, line, text in maker.lines]
            else:
                data = damage(rng, data)
                said = by_python(data)
                lines = None if said is None else [
                    "%s %s %s" % (kind, hexed(name), hexed(shown)) for kind, name, shown in said]
            data_file.write(b"%d\n" % len(data) + data)
            file.write("no\n" if lines is None else "yes\n" + "".join(line + "\n" for line in lines))


if __name__ == "__main__":
    main()
