"""Writes layers, OCI layouts and docker archives for tests, from the formats' descriptions and with
Python's standard library only: nothing here knows our C code.

Layer makes a tar with the records that Windows' own exports carry; store() a blob of it; layout()
and docker_archive() an image around blobs. Same input, same bytes.
"""

import base64
import gzip
import hashlib
import io
import json
import os
import shutil
import struct
import tarfile

TIME = 1700000000
CREATED = "2023-11-14T22:13:20Z"
TYPES = {"file": b"0", "link": b"1", "symlink": b"2", "device": b"3", "folder": b"5", "fifo": b"6",
         "pax": b"x"}

# A valid self-relative descriptor: revision 1, owner and group SYSTEM, no lists.
DESCRIPTOR = base64.b64encode(
    struct.pack("<BBHIIII", 1, 0, 0x8000, 20, 32, 0, 0)
    + 2 * bytes.fromhex("010100000000000512000000")).decode()

OCI, DOCKER = "oci", "docker"
MEDIA = {
    OCI: {
        "index": "application/vnd.oci.image.index.v1+json",
        "manifest": "application/vnd.oci.image.manifest.v1+json",
        "config": "application/vnd.oci.image.config.v1+json",
        "none": "application/vnd.oci.image.layer.v1.tar",
        "gzip": "application/vnd.oci.image.layer.v1.tar+gzip",
        "zstd": "application/vnd.oci.image.layer.v1.tar+zstd",
        "foreign": "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    },
    DOCKER: {
        "index": "application/vnd.docker.distribution.manifest.list.v2+json",
        "manifest": "application/vnd.docker.distribution.manifest.v2+json",
        "config": "application/vnd.docker.container.image.v1+json",
        "none": "application/vnd.docker.image.rootfs.diff.tar",
        "gzip": "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "zstd": "application/vnd.docker.image.rootfs.diff.tar.zstd",
        "foreign": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    },
}


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def pax_record(key, value):
    body = b" " + key.encode() + b"=" + value.encode() + b"\n"
    n_bytes = len(body)
    while n_bytes != len(body) + len(str(n_bytes)):
        n_bytes = len(body) + len(str(n_bytes))
    return str(n_bytes).encode() + body


def tar_header(name, kind, size, link=b"", mode=0o644):
    header = bytearray(512)
    header[0:min(len(name), 100)] = name[:100]
    header[100:108] = b"%07o\0" % mode
    header[108:116] = header[116:124] = b"0000000\0"
    # Sizes over 8 GiB in base 256.
    header[124:136] = (b"%011o\0" % size if size < 1 << 33
                       else b"\x80" + size.to_bytes(11, "big"))
    header[136:148] = b"%011o\0" % TIME
    header[148:156] = b" " * 8
    header[156:157] = TYPES[kind]
    header[157:157 + min(len(link), 100)] = link[:100]
    header[257:265] = b"ustar\00000"
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


class Layer:
    """A layer's tar, written to a file as it is built. As Windows' exports, names of folders have no
    slash at the end, and every entry its PAX records."""

    def __init__(self, path, records=True):
        self.path = path
        self.records = records
        self.out = open(path, "wb")

    def entry(self, name, kind, data=b"", link="", extra=None, size=None):
        """One entry; @size when the data that follows is written with raw()."""
        records = {}
        if self.records and kind in ("file", "folder"):
            records["LIBARCHIVE.creationtime"] = "%d.%09d" % (TIME, 123456700)
            records["MSWINDOWS.fileattr"] = "16" if kind == "folder" else "32"
            records["MSWINDOWS.rawsd"] = DESCRIPTOR
        records.update(extra or {})
        coded, coded_link = name.encode(), link.encode()
        if len(coded) > 100 or not name.isascii():
            records["path"] = name
        if len(coded_link) > 100 or not link.isascii():
            records["linkpath"] = link
        if records:
            text = b"".join(pax_record(key, records[key]) for key in sorted(records))
            self.out.write(tar_header(b"PaxHeaders/x", "pax", len(text)))
            self.raw(text)
        mode = 0o040755 if kind == "folder" else 0o100644
        self.out.write(tar_header(coded, kind, len(data) if size is None else size, coded_link,
                                  mode))
        if size is None:
            self.raw(data)

    def raw(self, data):
        self.out.write(data)
        self.out.write(bytes(-len(data) % 512))

    def folder(self, name):
        self.entry(name, "folder")

    def file(self, name, data, extra=None):
        self.entry(name, "file", data, extra=extra)

    def link(self, name, target):
        self.entry(name, "link", link=target)

    def close(self):
        self.out.write(bytes(1024))
        self.out.close()
        return self.path


def read_parts(path, n_bytes=1 << 20):
    with open(path, "rb") as file:
        while True:
            part = file.read(n_bytes)
            if not part:
                return
            yield part


def file_sha256(path):
    state = hashlib.sha256()
    for part in read_parts(path):
        state.update(part)
    return "sha256:" + state.hexdigest()


def zstd_block(kind, n_bytes, data, is_last=False):
    """RFC 8878, 3.1.1.2: last block, type (0 raw, 1 one byte repeated), size."""
    return (n_bytes << 3 | kind << 1 | int(is_last)).to_bytes(3, "little") + data


# Magic number; no content size, no checksum, not a single segment; window of 1 MiB.
ZSTD_START = bytes.fromhex("28b52ffd") + bytes([0x00, 10 << 3])
ZSTD_BLOCK = 128 << 10


def compress(path, out_path, compression):
    """zstd frames are made of raw blocks: valid, though nothing gets smaller."""
    with open(out_path, "wb") as out:
        if compression == "gzip":
            with gzip.GzipFile("", "wb", 6, out, mtime=0) as packed:
                for part in read_parts(path):
                    packed.write(part)
        elif compression == "zstd":
            out.write(ZSTD_START)
            for part in read_parts(path, ZSTD_BLOCK):
                out.write(zstd_block(0, len(part), part))
            out.write(zstd_block(0, 0, b"", True))
        else:
            for part in read_parts(path):
                out.write(part)


class Blobs:
    """The folder blobs/sha256 of a layout."""

    def __init__(self, folder):
        self.folder = folder
        self.blobs = os.path.join(folder, "blobs", "sha256")
        os.makedirs(self.blobs)

    def place(self, digest):
        return os.path.join(self.blobs, digest.split(":", 1)[1])

    def add(self, data, media_type, **more):
        """Returns the descriptor of @data."""
        digest = sha256(data)
        with open(self.place(digest), "wb") as out:
            out.write(data)
        return {"mediaType": media_type, "digest": digest, "size": len(data), **more}

    def add_layer(self, tar_path, family, compression):
        """Returns the descriptor and the diff ID of a layer's tar."""
        packed = os.path.join(self.folder, "packed")
        compress(tar_path, packed, compression)
        digest = file_sha256(packed)
        size = os.path.getsize(packed)
        os.replace(packed, self.place(digest))
        return ({"mediaType": MEDIA[family][compression], "digest": digest, "size": size},
                file_sha256(tar_path))


def config(diff_ids, os_name="windows", architecture="amd64", os_version=None, features=None):
    value = {"created": CREATED, "architecture": architecture, "os": os_name}
    if os_version:
        value["os.version"] = os_version
    if features:
        value["os.features"] = features
    value["config"] = {"User": "ContainerUser", "Cmd": ["c:\\windows\\system32\\cmd.exe"]}
    value["rootfs"] = {"type": "layers", "diff_ids": diff_ids}
    value["history"] = [{"created": CREATED, "created_by": "Apply image %d" % i}
                        for i in range(len(diff_ids))]
    return value


def manifest(blobs, family, config_value, layers):
    """Returns the descriptor of the manifest."""
    return blobs.add(compact({
        "schemaVersion": 2,
        "mediaType": MEDIA[family]["manifest"],
        "config": blobs.add(compact(config_value), MEDIA[family]["config"]),
        "layers": layers,
    }), MEDIA[family]["manifest"])


def platform(config_value):
    names = ("architecture", "os", "os.version", "os.features")
    return {name: config_value[name] for name in names if name in config_value}


def layout(folder, manifests):
    """index.json and oci-layout; @manifests: descriptors."""
    with open(os.path.join(folder, "index.json"), "wb") as out:
        out.write(compact({"schemaVersion": 2, "mediaType": MEDIA[OCI]["index"],
                           "manifests": manifests}))
    with open(os.path.join(folder, "oci-layout"), "wb") as out:
        out.write(b'{"imageLayoutVersion":"1.0.0"}')


def tar_info(name, size=0):
    info = tarfile.TarInfo(name)
    info.mtime, info.size = TIME, size
    return info


def pack_folder(folder, archive_path):
    """A plain tar of a folder: names sorted, the same times and owners always."""
    with tarfile.open(archive_path, "w", format=tarfile.PAX_FORMAT) as archive:
        for parent, folders, files in os.walk(folder):
            folders.sort()
            for name in sorted(files):
                path = os.path.join(parent, name)
                with open(path, "rb") as file:
                    archive.addfile(tar_info(os.path.relpath(path, folder),
                                             os.path.getsize(path)), file)


def add_bytes(archive, name, data):
    archive.addfile(tar_info(name, len(data)), io.BytesIO(data))


def add_link(archive, name, target, kind=tarfile.SYMTYPE):
    info = tar_info(name)
    info.type, info.linkname = kind, target
    archive.addfile(info)


def docker_archive(path, config_value, tars, reference, style):
    """@tars: the layers as plain tars. Styles: "save" docker save before version 25, with a folder for
    each layer; "skopeo" HEX.tar and links to it from such folders; "blobs" the names of docker
    save since version 25; "links" and "hardlinks" layers that are links to an entry with another
    name: Docker's own are symbolic, tar programs that pack one again may make hard ones."""
    coded = compact(config_value)
    config_name = hashlib.sha256(coded).hexdigest() + ".json"
    names = []
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        for i, tar_path in enumerate(tars):
            hexadecimal = file_sha256(tar_path).split(":")[1]
            identity = hashlib.sha256(b"%d" % i + hexadecimal.encode()).hexdigest()
            names.append({"save": identity + "/layer.tar", "skopeo": hexadecimal + ".tar",
                          "blobs": "blobs/sha256/" + hexadecimal,
                          "links": identity + "/layer.tar",
                          "hardlinks": identity + "/layer.tar"}[style])
            stored = "shared/%s.tar" % hexadecimal if style.endswith("links") else names[i]
            with open(tar_path, "rb") as file:
                archive.addfile(tar_info(stored, os.path.getsize(tar_path)), file)
            if style == "save":
                add_bytes(archive, identity + "/VERSION", b"1.0")
                add_bytes(archive, identity + "/json", compact({"id": identity}))
            elif style == "skopeo":
                add_link(archive, identity + "/layer.tar", "../" + names[i])
            elif style == "links":
                add_link(archive, names[i], "../" + stored)
            elif style == "hardlinks":
                add_link(archive, names[i], stored, tarfile.LNKTYPE)
        if style == "blobs":
            config_name = "blobs/sha256/" + config_name[:64]
        add_bytes(archive, config_name, coded)
        add_bytes(archive, "manifest.json", compact(
            [{"Config": config_name, "RepoTags": [reference] if reference else None,
              "Layers": names}]))


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.remove(path)
