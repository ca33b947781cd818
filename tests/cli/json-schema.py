#!/usr/bin/env python3
"""Holds JSON documents against the schemas of their kinds.

usage: json-schema.py FOLDER FILE...

FOLDER has KIND.json for each kind. Knows what those schemas use of JSON Schema 2020-12, and no more: a
keyword that it does not know is an error. Besides, a member that the schema does not name is told:
readers pass over such, but the schema is to have all that is written.
"""
import json
import os
import re
import sys

KNOWN = {
    "$schema", "$defs", "$ref", "title", "description", "type", "enum", "const", "pattern", "required",
    "properties", "patternProperties", "items", "anyOf", "minimum", "maximum",
}
TYPES = {
    "null": lambda v: v is None,
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "string": lambda v: isinstance(v, str),
    "array": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict),
}


class Schema:
    def __init__(self, root):
        self.root = root

    def faults_of_object(self, value, schema, place):
        for name in schema.get("required", []):
            if name not in value:
                yield f"{place}: has no {name}"
        named = schema.get("properties", {})
        patterns = schema.get("patternProperties", {})
        for name, member in value.items():
            if name in named:
                yield from self.faults(member, named[name], f"{place}.{name}")
                continue
            fitting = [s for pattern, s in patterns.items() if re.search(pattern, name)]
            if not fitting and (named or patterns):
                yield f"{place}: the schema does not know {name}"
            for below in fitting:
                yield from self.faults(member, below, f"{place}.{name}")

    def faults(self, value, schema, place):
        unknown = set(schema) - KNOWN
        if unknown:
            yield f"the schema has {sorted(unknown)}"
        if "$ref" in schema:
            prefix, name = schema["$ref"].rsplit("/", 1)
            assert prefix == "#/$defs"
            yield from self.faults(value, self.root["$defs"][name], place)
        if "anyOf" in schema:
            each = [list(self.faults(value, s, place)) for s in schema["anyOf"]]
            if all(each):
                yield from min(each, key=len)
        if "type" in schema:
            types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            if not any(TYPES[t](value) for t in types):
                yield f"{place}: {value!r:.60} is not {' or '.join(types)}"
                return
        if "enum" in schema and value not in schema["enum"]:
            yield f"{place}: {value!r:.60} is not one of {schema['enum']}"
        if "const" in schema and value != schema["const"]:
            yield f"{place}: {value!r:.60} is not {schema['const']!r}"
        if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
            yield f"{place}: {value!r:.60} does not match {schema['pattern']}"
        if "minimum" in schema and isinstance(value, int) and value < schema["minimum"]:
            yield f"{place}: {value} is too small"
        if "maximum" in schema and isinstance(value, int) and value > schema["maximum"]:
            yield f"{place}: {value} is too large"
        if isinstance(value, list) and "items" in schema:
            for i, item in enumerate(value):
                yield from self.faults(item, schema["items"], f"{place}[{i}]")
        if isinstance(value, dict):
            yield from self.faults_of_object(value, schema, place)


def main():
    folder = sys.argv[1]
    schemas = {}
    for name in os.listdir(folder):
        if name.endswith(".json"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                schemas[name[:-5]] = json.load(file)
    n_faults = 0
    for name in sys.argv[2:]:
        with open(name, encoding="utf-8") as file:
            document = json.load(file)
        schema = schemas.get(document.get("kind"))
        if schema is None:
            faults = [f"there is no schema of the kind {document.get('kind')!r}"]
        else:
            faults = list(Schema(schema).faults(document, schema, "$"))
        for fault in faults[:10]:
            print(f"{name}: {fault}")
        n_faults += len(faults)
    sys.exit(1 if n_faults > 0 else 0)


main()
