"""Hostile images, for make-image.py. Here are those whose fault is in the image around the layers:
digests, JSON, indexes, blobs, archives. All are OCI layouts but those whose names start with
archive."""

import json
import os
import struct
import tarfile

import hostilelayers  # noqa: F401: fills IMAGES
import imagewriter as iw
from hostilebase import CONFIG, FOLDERS, IMAGES, NAMES, TAG, Image, good, hive, hostile

GIGABYTE = 1 << 30


@hostile
def wrong_layer_digest(out):
    """A layer's blob that is not what its name says: one bit of a plain tar."""
    image = Image(out)
    descriptor = image.end(image.begin(), "none")
    place = image.blobs.place(descriptor["digest"])
    with open(place, "r+b") as file:
        file.seek(-2048, os.SEEK_END)
        file.write(b"\1")
    return image.finish()


@hostile
def wrong_layer_size(out):
    """A layer whose descriptor says one byte more."""
    image = Image(out)
    image.end(image.begin())["size"] += 1
    return image.finish()


@hostile
def wrong_diff_id(out):
    """A layer that is not the one of the config."""
    image = Image(out)
    image.end(image.begin())
    image.diff_ids[0] = "sha256:" + "1" * 64
    return image.finish()


def find_blob(out, kind):
    """The digest of the manifest or config of the image there."""
    with open(os.path.join(out, "index.json"), encoding="utf-8") as file:
        digest = json.load(file)["manifests"][0]["digest"]
    if kind == "config":
        with open(os.path.join(out, "blobs/sha256", digest[7:]), encoding="utf-8") as file:
            digest = json.load(file)["config"]["digest"]
    return os.path.join(out, "blobs/sha256", digest[7:])


@hostile
def wrong_manifest_digest(out):
    """A manifest that is not what its name says."""
    operand = good(out)
    with open(find_blob(out, "manifest"), "r+b") as file:
        data = file.read().replace(b'"schemaVersion":2', b'"schemaVersion": 2').replace(
            b'"size":', b'"size" :', 1)
        file.seek(0)
        file.write(data)
    return operand


@hostile
def wrong_config_digest(out):
    """A config that is not what its name says: of the same size."""
    operand = good(out)
    path = find_blob(out, "config")
    with open(path, "rb") as file:
        data = file.read().replace(b"amd64", b"arm64")
    with open(path, "wb") as file:
        file.write(data)
    return operand


@hostile
def missing_blob(out):
    """A layer that is not there, and nobody says where it is."""
    image = Image(out)
    os.remove(image.blobs.place(image.end(image.begin())["digest"]))
    return image.finish()


@hostile
def blob_symlink(out):
    """A layer's blob that is a symbolic link out of the layout."""
    image = Image(out)
    place = image.blobs.place(image.end(image.begin())["digest"])
    os.remove(place)
    os.symlink("/etc/passwd", place)
    return image.finish()


@hostile
def blob_fifo(out):
    """A layer's blob that is a FIFO: whoever opens it without care waits for ever."""
    image = Image(out)
    place = image.blobs.place(image.end(image.begin())["digest"])
    os.remove(place)
    os.mkfifo(place)
    return image.finish()


@hostile
def digest_traversal(out):
    """A digest that is a path."""
    image = Image(out)
    image.end(image.begin())["digest"] = "sha256:../../../../../../../etc/passwd"
    return image.finish()


@hostile
def digest_sha512(out):
    """A digest of another kind."""
    image = Image(out)
    image.end(image.begin())["digest"] = "sha512:" + "0" * 128
    return image.finish()


def deep(n_levels):
    return b'{"schemaVersion":2,"a":' + b"[" * n_levels + b"]" * n_levels + b"}"


@hostile
def json_deep_config(out):
    """A config 10,000 levels deep."""
    image = Image(out)
    image.end(image.begin())
    return image.finish(config=deep(10000))


@hostile
def json_deep_manifest(out):
    """A manifest 10,000 levels deep."""
    return Image(out).finish(manifest=deep(10000))


@hostile
def json_deep_index(out):
    """An index.json 10,000 levels deep."""
    operand = good(out)
    with open(os.path.join(out, "index.json"), "wb") as file:
        file.write(deep(10000))
    return operand


@hostile
def json_huge_index(out):
    """An index.json of 64 megabytes of blanks."""
    operand = good(out)
    with open(os.path.join(out, "index.json"), "ab") as file:
        file.write(b" " * (64 << 20))
    return operand


@hostile
def json_text(out):
    """A manifest that is no JSON."""
    return Image(out).finish(manifest=b"not json")


@hostile
def json_duplicate(out):
    """A manifest that names its layers twice."""
    image = Image(out)
    image.end(image.begin())
    entry = image.blobs.add(iw.compact(image.config()), image.media["config"])
    manifest = iw.compact({"schemaVersion": 2, "config": entry, "layers": image.layers})
    return image.finish(manifest=manifest[:-1] + b',"layers":[]}')


@hostile
def json_wrong_types(out):
    """A manifest whose layers are a number."""
    image = Image(out)
    image.end(image.begin())
    entry = image.blobs.add(iw.compact(image.config()), image.media["config"])
    return image.finish(manifest=iw.compact({"schemaVersion": 2, "config": entry, "layers": 5}))


@hostile
def size_negative(out):
    """A layer of -1 bytes."""
    image = Image(out)
    image.end(image.begin())["size"] = -1
    return image.finish()


@hostile
def size_huge(out):
    """A layer of 10^30 bytes."""
    image = Image(out)
    image.end(image.begin())["size"] = 10 ** 30
    return image.finish()


@hostile
def index_self(out):
    """An index whose entry is itself (its digest cannot be right, and is not)."""
    image = Image(out)
    image.end(image.begin())
    name = "sha256:" + "5" * 64
    entry = {"mediaType": image.media["index"], "digest": name, "size": 0,
             "annotations": {"org.opencontainers.image.ref.name": TAG}}
    for _ in range(3):
        text = iw.compact({"schemaVersion": 2, "mediaType": image.media["index"],
                           "manifests": [entry]})
        entry["size"] = len(text)
    with open(image.blobs.place(name), "wb") as file:
        file.write(text)
    return image.index([entry])


@hostile
def index_deep(out):
    """An index in an index, 1000 deep; every digest is right."""
    image = Image(out)
    image.end(image.begin())
    image.finish()
    with open(os.path.join(out, "index.json"), encoding="utf-8") as file:
        entry = json.load(file)["manifests"][0]
    for _ in range(1000):
        text = iw.compact({"schemaVersion": 2, "mediaType": image.media["index"],
                           "manifests": [entry]})
        entry = image.blobs.add(text, image.media["index"])
    return image.index([entry])


@hostile
def layers_missing_diff_id(out):
    """Two layers, one diff ID."""
    image = Image(out)
    image.end(image.begin())
    image.end(image.upper())
    image.diff_ids.pop()
    return image.finish()


@hostile
def layers_too_many(out):
    """200 layers."""
    image = Image(out)
    image.end(image.begin())
    layer = image.upper()
    image.end(layer)
    image.layers += 198 * image.layers[1:]
    image.diff_ids += 198 * image.diff_ids[1:]
    return image.finish()


@hostile
def nul_in_text(out):
    """An operating system with a NUL in its name."""
    image = Image(out)
    image.end(image.begin())
    return image.finish(config=iw.compact({**image.config(), "os": "windows\0"}))


@hostile
def not_windows(out):
    """An image of Linux."""
    image = Image(out)
    image.end(image.begin())
    return image.finish(config=iw.compact({**image.config(), "os": "linux"}))


@hostile
def layout_version(out):
    """A layout of version 2."""
    operand = good(out)
    with open(os.path.join(out, "oci-layout"), "wb") as file:
        file.write(b'{"imageLayoutVersion":"2.0.0"}')
    return operand


@hostile
def layout_missing(out):
    """A layout without the file oci-layout."""
    operand = good(out)
    os.remove(os.path.join(out, "oci-layout"))
    return operand


def from_archive(out, change):
    """A docker archive: @change gets the open tar, its layer and its config."""
    layer = iw.Layer(out + ".layer")
    for name in FOLDERS:
        layer.folder(name)
    for name in NAMES:
        layer.file(CONFIG + "/" + name, hive())
    with open(layer.close(), "rb") as file:
        data = file.read()
    os.remove(layer.path)
    text = iw.compact(iw.config([iw.sha256(data)], os_version="10.0.20348.2700"))
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as archive:
        layers = change(archive, data)
        name = iw.sha256(text)[7:] + ".json"
        iw.add_bytes(archive, name, text)
        iw.add_bytes(archive, "manifest.json", iw.compact(
            [{"Config": name, "RepoTags": ["hostile:latest"], "Layers": layers}]))
    return "docker-archive:%s:hostile:latest" % out


@hostile
def archive_same_name(out):
    """A docker archive with two layers of the same name: the first is good, the second is not."""
    def change(archive, data):
        iw.add_bytes(archive, "layer.tar", data)
        iw.add_bytes(archive, "layer.tar", b"evil")
        return ["layer.tar"]
    return from_archive(out, change)


@hostile
def archive_dotdot(out):
    """A docker archive whose layer's name leads out of it."""
    def change(archive, data):
        iw.add_bytes(archive, "../../evil-archive", data)
        return ["../../evil-archive"]
    return from_archive(out, change)


@hostile
def archive_link_out(out):
    """A docker archive whose layer is a link to a file outside."""
    def change(archive, _):
        iw.add_link(archive, "layer.tar", "../../../../../../etc/passwd")
        return ["layer.tar"]
    return from_archive(out, change)


@hostile
def archive_link_loop(out):
    """A docker archive whose layer is a link to a link to itself."""
    def change(archive, _):
        iw.add_link(archive, "one", "two")
        iw.add_link(archive, "two", "one")
        return ["one"]
    return from_archive(out, change)


@hostile
def archive_device(out):
    """A docker archive whose layer is a device."""
    def change(archive, _):
        iw.add_link(archive, "layer.tar", "", tarfile.CHRTYPE)
        return ["layer.tar"]
    return from_archive(out, change)


@hostile
def archive_missing(out):
    """A docker archive without its layer."""
    return from_archive(out, lambda archive, data: ["layer.tar"])


@hostile
def archive_truncated(out):
    """A docker archive that ends early."""
    def change(archive, data):
        iw.add_bytes(archive, "layer.tar", data)
        return ["layer.tar"]
    operand = from_archive(out, change)
    os.truncate(out, 30000)
    return operand


@hostile
def archive_sparse(out):
    """A docker archive whose layer is a sparse file of one gigabyte (old GNU format)."""
    def change(archive, _):
        header = bytearray(iw.tar_header(b"layer.tar", "file", 512))
        header[156:157] = b"S"
        header[257:265] = b"ustar  \0"
        struct.pack_into("12s12s", header, 386, b"%011o" % 0, b"%011o" % 512)
        header[483:495] = b"%011o\0" % GIGABYTE
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        archive.fileobj.write(bytes(header) + bytes(512))
        archive.offset += 1024
        return ["layer.tar"]
    return from_archive(out, change)


def main(words):
    if len(words) != 2 or words[0] not in IMAGES:
        for name, make in IMAGES.items():
            print("%-24s %s" % (name, make.__doc__.split("\n", maxsplit=1)[0]))
        return 0 if not words else 2
    iw.remove(words[1])
    print(IMAGES[words[0]](words[1]))
    return 0
