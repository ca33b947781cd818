#!/usr/bin/env python3
"""A second reader of container images, for tests: from the OCI image specification and the forms
that docker save writes, not from our C code.

image.py check IMAGE              every digest, size, diff ID and media type; one line for each
                                  fault and status 1, or "ok: N layers"
image.py config IMAGE             the config, indented, members as they come
image.py config-bytes IMAGE       the config as it is
image.py manifest IMAGE           the same of the manifest (of an OCI image)
image.py layers IMAGE             digest, diff ID, size and media type of each layer
image.py names IMAGE LAYER        the names of a layer's entries; layers count from 0
image.py entries IMAGE LAYER      the same with type (f d s h), > TARGET, and what the records say
image.py extract IMAGE LAYER NAME    the content of an entry, through hard links, to standard output
image.py many                     each line of standard input, FILE COMMAND IMAGE…: what the command prints
                                  goes to FILE; ends with the first status that is not 0

IMAGE is oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:REF], and before the command
--platform OS/ARCH[:VERSION] chooses from an index. Standard library only; zstd layers need the
program zstd. Damage ends it with status 3.
"""

import base64
import gzip
import hashlib
import io
import json
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import types

INDEXES = ("application/vnd.oci.image.index.v1+json",
           "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFESTS = {"application/vnd.oci.image.manifest.v1+json": "application/vnd.oci.image.",
             "application/vnd.docker.distribution.manifest.v2+json": "application/vnd.docker."}
CONFIGS = {"application/vnd.oci.image.": "application/vnd.oci.image.config.v1+json",
           "application/vnd.docker.": "application/vnd.docker.container.image.v1+json"}
LAYERS = {
    "application/vnd.oci.image.": {
        "application/vnd.oci.image.layer.v1.tar": "plain",
        "application/vnd.oci.image.layer.v1.tar+gzip": "gzip",
        "application/vnd.oci.image.layer.v1.tar+zstd": "zstd",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip": "gzip",
    },
    "application/vnd.docker.": {
        "application/vnd.docker.image.rootfs.diff.tar": "plain",
        "application/vnd.docker.image.rootfs.diff.tar.gzip": "gzip",
        "application/vnd.docker.image.rootfs.diff.tar.zstd": "zstd",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip": "gzip",
    },
}
REF_NAME = "org.opencontainers.image.ref.name"


class Damaged(Exception):
    pass


class Folder:
    """Files of a folder."""

    def __init__(self, path):
        self.path = path

    def names(self):
        return [os.path.relpath(os.path.join(parent, name), self.path)
                for parent, _, files in os.walk(self.path) for name in files]

    def open(self, name):
        path = os.path.join(self.path, name)
        if os.path.islink(path) or not os.path.isfile(path):
            raise Damaged("no file: " + name)
        return open(path, "rb")


class Archive:
    """Files of a tar, through its links."""

    def __init__(self, path):
        self.tar = tarfile.open(path, "r:")
        self.members = {}
        for member in self.tar:
            name = os.path.normpath(member.name)
            if name in self.members and not member.isdir():
                raise Damaged("twice in the archive: " + name)
            self.members[name] = member

    def names(self):
        return [name for name, member in self.members.items() if not member.isdir()]

    def open(self, name):
        for _ in range(8):
            member = self.members.get(os.path.normpath(name))
            if member is None:
                break
            if member.issym():
                name = os.path.join(os.path.dirname(member.name), member.linkname)
            elif member.islnk():
                name = member.linkname
            elif member.isreg():
                return self.tar.extractfile(member)
            else:
                break
        raise Damaged("no file: " + name)


def digest_of(file):
    state, size = hashlib.sha256(), 0
    while True:
        part = file.read(1 << 20)
        if not part:
            return "sha256:" + state.hexdigest(), size
        state.update(part)
        size += len(part)


def plain(file):
    """The layer in @file, whatever it is packed with, as a file of its own."""
    start = file.read(4)
    file.seek(0)
    out = tempfile.TemporaryFile()
    try:
        if start[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=file) as unpacked:
                shutil.copyfileobj(unpacked, out, 1 << 20)
        elif start == b"\x28\xb5\x2f\xfd":
            with tempfile.TemporaryFile() as packed:
                shutil.copyfileobj(file, packed, 1 << 20)
                packed.seek(0)
                subprocess.run(["zstd", "-dcq"], stdin=packed, stdout=out, check=True)
        else:
            shutil.copyfileobj(file, out, 1 << 20)
    except (OSError, EOFError, subprocess.CalledProcessError) as error:
        raise Damaged("a layer does not unpack: %s" % error) from None
    out.seek(0)
    return out


def packing(file):
    start = file.read(4)
    if start[:2] == b"\x1f\x8b":
        return "gzip"
    return "zstd" if start == b"\x28\xb5\x2f\xfd" else "plain"


class Image:
    def __init__(self, operand, platform):
        self.faults = []
        transport, _, rest = operand.partition(":")
        path, _, self.tag = rest.partition(":")
        self.platform = platform
        self.layers = []
        self.manifest = None
        if transport == "oci":
            self.files = Folder(path)
        elif transport in ("oci-archive", "docker-archive"):
            self.files = Archive(path)
        else:
            raise Damaged("not an image: " + operand)
        if transport == "docker-archive":
            self.read_docker()
        else:
            self.read_oci()

    def fault(self, text):
        self.faults.append(text)

    def json(self, name):
        with self.files.open(name) as file:
            try:
                return json.load(file)
            except ValueError as error:
                raise Damaged("%s: %s" % (name, error)) from None

    def blob(self, descriptor):
        kind, _, name = descriptor["digest"].partition(":")
        if kind != "sha256" or len(name) != 64:
            raise Damaged("bad digest " + descriptor["digest"])
        return "blobs/sha256/" + name

    def checked(self, descriptor):
        """Name of the blob, with its digest and size compared."""
        name = self.blob(descriptor)
        with self.files.open(name) as file:
            digest, size = digest_of(file)
        if digest != descriptor["digest"]:
            self.fault("%s: digest is %s" % (name, digest))
        if size != descriptor["size"]:
            self.fault("%s: %d bytes instead of %d" % (name, size, descriptor["size"]))
        return name

    def fits(self, entry):
        if not self.platform or "platform" not in entry:
            return True
        wanted, _, version = self.platform.partition(":")
        has = entry["platform"]
        return (wanted == "%s/%s" % (has.get("os"), has.get("architecture"))
                and has.get("os.version", "").startswith(version))

    def candidates(self, entries, depth=0):
        found = []
        for entry in entries:
            if not self.fits(entry):
                continue
            if entry["mediaType"] in INDEXES:
                if depth > 8:
                    raise Damaged("indexes in indexes")
                inner = self.json(self.checked(entry))["manifests"]
                found += self.candidates(inner, depth + 1)
            else:
                found.append(entry)
        return found

    def read_oci(self):
        if self.json("oci-layout") != {"imageLayoutVersion": "1.0.0"}:
            self.fault("oci-layout: not version 1.0.0")
        entries = self.json("index.json")["manifests"]
        if self.tag:
            entries = [entry for entry in entries
                       if entry.get("annotations", {}).get(REF_NAME) == self.tag]
        entries = self.candidates(entries)
        if len(entries) != 1:
            raise Damaged("%d manifests instead of one" % len(entries))
        entry = entries[0]
        self.manifest = self.json(self.checked(entry))
        if self.manifest.get("mediaType", entry["mediaType"]) != entry["mediaType"]:
            self.fault("manifest: its media type is not that of its descriptor")
        if self.manifest.get("schemaVersion") != 2:
            self.fault("manifest: schemaVersion is not 2")
        family = MANIFESTS.get(entry["mediaType"])
        if family is None:
            raise Damaged("no manifest: " + entry["mediaType"])
        if self.manifest["config"]["mediaType"] != CONFIGS[family]:
            self.fault("config: media type " + self.manifest["config"]["mediaType"])
        self.config_name = self.checked(self.manifest["config"])
        self.config = self.json(self.config_name)
        for member, value in entry.get("platform", {}).items():
            if self.config.get(member) != value:
                self.fault("index: %s is %s, in the config %s"
                           % (member, value, self.config.get(member)))
        for i, layer in enumerate(self.manifest["layers"]):
            packed = LAYERS[family].get(layer["mediaType"])
            name = self.checked(layer)
            with self.files.open(name) as file:
                found = packing(file)
            if packed != found:
                self.fault("layer %d: %s, media type %s" % (i, found, layer["mediaType"]))
            self.layers.append((name, layer["digest"], layer["size"], layer["mediaType"]))

    def read_docker(self):
        entries = self.json("manifest.json")
        if self.tag:
            # Docker and skopeo write short names out.
            names = {self.tag, "docker.io/" + self.tag, "docker.io/library/" + self.tag}
            entries = [entry for entry in entries if names & set(entry.get("RepoTags") or [])]
        if len(entries) != 1:
            raise Damaged("%d images instead of one" % len(entries))
        entry = entries[0]
        self.config_name = entry["Config"]
        self.config = self.json(self.config_name)
        with self.files.open(entry["Config"]) as file:
            digest, _ = digest_of(file)
        # docker load takes the name for the image's identity.
        if digest[7:] not in entry["Config"]:
            self.fault("config: its name is not its digest " + digest)
        for name in entry["Layers"]:
            with self.files.open(name) as file:
                digest, size = digest_of(file)
            self.layers.append((name, digest, size, "-"))

    def open_layer(self, index):
        with self.files.open(self.layers[index][0]) as file:
            return plain(file)

    def check(self):
        if self.config["rootfs"]["type"] != "layers":
            self.fault("config: rootfs.type is not layers")
        diff_ids = self.config["rootfs"]["diff_ids"]
        if len(diff_ids) != len(self.layers):
            self.fault("config: %d diff IDs for %d layers" % (len(diff_ids), len(self.layers)))
        history = [item for item in self.config.get("history", [])
                   if not item.get("empty_layer")]
        if history and len(history) != len(self.layers):
            self.fault("config: history of %d layers for %d" % (len(history), len(self.layers)))
        for i, diff_id in enumerate(diff_ids[:len(self.layers)]):
            with self.open_layer(i) as file:
                found, _ = digest_of(file)
                if found != diff_id:
                    self.fault("layer %d: diff ID is %s, in the config %s" % (i, found, diff_id))
                file.seek(0)
                with tarfile.open(fileobj=file, mode="r:") as tar:
                    self.check_tar(i, tar)
        for i, item in enumerate(self.files.names() if self.manifest else []):
            if item.startswith("blobs/sha256/"):
                with self.files.open(item) as file:
                    found, _ = digest_of(file)
                if item != "blobs/sha256/" + found[7:]:
                    self.fault("%s: digest is %s" % (item, found))

    def check_tar(self, index, tar):
        names = set()
        folders = {""}
        for member in tar:
            folded = member.name.casefold()
            if folded in names:
                self.fault("layer %d: twice: %s" % (index, member.name))
            names.add(folded)
            if os.path.dirname(folded) not in folders:
                self.fault("layer %d: no entry for the folder of %s" % (index, member.name))
            if member.isdir():
                folders.add(folded)
            if member.name.startswith("/") or ".." in member.name.split("/"):
                self.fault("layer %d: leads out: %s" % (index, member.name))

    def names(self, index):
        with self.open_layer(index) as file, tarfile.open(fileobj=file, mode="r:") as tar:
            return [member.name for member in tar]

    def entries(self, index):
        kinds = {tarfile.REGTYPE: "f", tarfile.DIRTYPE: "d", tarfile.SYMTYPE: "s",
                 tarfile.LNKTYPE: "h"}
        with self.open_layer(index) as file, tarfile.open(fileobj=file, mode="r:") as tar:
            for member in tar:
                line = "%s %s" % (kinds.get(member.type, "?"), member.name)
                if member.linkname:
                    line += " > " + member.linkname
                pax = member.pax_headers
                for key in ("fileattr", "mountpoint"):
                    if "MSWINDOWS." + key in pax:
                        line += " %s=%s" % (key, pax["MSWINDOWS." + key])
                if "MSWINDOWS.rawsd" in pax:
                    line += " " + access(base64.b64decode(pax["MSWINDOWS.rawsd"], validate=True))
                yield line

    def extract(self, index, name):
        with self.open_layer(index) as file, tarfile.open(fileobj=file, mode="r:") as tar:
            try:
                return tar.extractfile(name).read()
            except (KeyError, AttributeError):
                raise Damaged("layer %d: no file %s" % (index, name)) from None


def sid(data, at):
    """A SID as text. Source: MS-DTYP 2.4.2."""
    parts = struct.unpack_from("<%dI" % data[at + 1], data, at + 8)
    return "S-1-%d%s" % (int.from_bytes(data[at + 2:at + 8], "big"),
                         "".join("-%d" % part for part in parts))


def access(data):
    """The access control list of a self-relative descriptor: control, then "type flags mask SID" of
    each entry. Source: MS-DTYP 2.4.4 to 2.4.6."""
    control, owner, group, _, dacl = struct.unpack_from("<HIIII", data, 2)
    text = "%04x %s %s" % (control, sid(data, owner), sid(data, group))
    if dacl == 0:
        return text + " (everything)"
    count = struct.unpack_from("<H", data, dacl + 4)[0]
    at = dacl + 8
    for _ in range(count):
        kind, flags, size, mask = struct.unpack_from("<BBHI", data, at)
        text += " (%d %02x %x %s)" % (kind, flags, mask, sid(data, at + 8))
        at += size
    return text


def show(value):
    print(json.dumps(value, indent=2, ensure_ascii=False))


def many():
    """Commands from standard input, one a line, behind the name of the file for what it prints."""
    printed = sys.stdout
    for line in sys.stdin.read().splitlines():
        name, *words = line.split()
        with open(name, "wb") as out:
            sys.stdout = types.SimpleNamespace(buffer=out)
            status = main(words)
            sys.stdout.flush()
        sys.stdout = printed
        if status:
            print("image.py: %s" % line)
            return status
    return 0


def main(words):
    if words == ["many"]:
        return many()
    platform = None
    if words[:1] == ["--platform"]:
        platform, words = words[1], words[2:]
    sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8")
    image = Image(words[1], platform)
    if words[0] == "check":
        image.check()
        for fault in image.faults:
            print(fault)
        if image.faults:
            return 1
        print("ok: %d layer%s" % (len(image.layers), "" if len(image.layers) == 1 else "s"))
    elif words[0] == "config":
        show(image.config)
    elif words[0] == "config-bytes":
        with image.files.open(image.config_name) as file:
            sys.stdout.buffer.write(file.read())
    elif words[0] == "manifest":
        show(image.manifest)
    elif words[0] == "layers":
        for layer, diff_id in zip(image.layers, image.config["rootfs"]["diff_ids"]):
            print(layer[1], diff_id, layer[2], layer[3])
    elif words[0] == "names":
        print("\n".join(image.names(int(words[2]))))
    elif words[0] == "entries":
        print("\n".join(image.entries(int(words[2]))))
    elif words[0] == "extract":
        sys.stdout.buffer.write(image.extract(int(words[2]), words[3]))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Damaged, OSError, KeyError, tarfile.TarError) as error:
        print("image.py: %s" % error, file=sys.stderr)
        sys.exit(3)
    except IndexError:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
