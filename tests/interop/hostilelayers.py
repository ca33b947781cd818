"""Hostile images whose fault is in a layer: names, links, kinds of entries, sizes, compression. Each is
a function; the first line of its text says what is wrong. But for its one fault each is as good as
the image "good"."""

import hashlib
import os
import zlib

import imagewriter as iw
from deltahive import empty_delta
from hostilebase import CONFIG, Image, hive, hostile, with_entry

GIGABYTE = 1 << 30
# More than the memory that readers get in the test.
BOMB = 400 << 20


@hostile
def name_dotdot(out):
    """An entry whose name leads out of the layer."""
    return with_entry(out, "Files/../../../../evil-dotdot")


@hostile
def name_dotdot_hive(out):
    """A hive whose name has .. in it, though it leads back."""
    return with_entry(out, "Files/../" + CONFIG + "/SOFTWARE", data=hive(), skip=("SOFTWARE",))


@hostile
def name_absolute(out):
    """An entry with an absolute name."""
    return with_entry(out, "/evil-absolute")


@hostile
def name_backslash(out):
    """An entry that leads out by Windows' separator."""
    return with_entry(out, "Files\\..\\..\\evil-backslash")


@hostile
def link_out(out):
    """A hive that is a hard link to a file outside."""
    return with_entry(out, CONFIG + "/SOFTWARE", "link", "../../../../../etc/passwd",
                      skip=("SOFTWARE",))


@hostile
def link_absolute(out):
    """A hive that is a hard link to an absolute name."""
    return with_entry(out, CONFIG + "/SOFTWARE", "link", "/etc/passwd", skip=("SOFTWARE",))


@hostile
def link_self(out):
    """A hive that is a hard link to itself."""
    return with_entry(out, CONFIG + "/SOFTWARE", "link", CONFIG + "/SOFTWARE", skip=("SOFTWARE",))


@hostile
def link_missing(out):
    """A hive that is a hard link to nothing."""
    return with_entry(out, CONFIG + "/SOFTWARE", "link", "Files/nothing", skip=("SOFTWARE",))


@hostile
def link_loop(out):
    """Two hives that are hard links to each other."""
    image = Image(out)
    layer = image.begin(("SAM", "SOFTWARE"))
    layer.link(CONFIG + "/SAM", CONFIG + "/SOFTWARE")
    layer.link(CONFIG + "/SOFTWARE", CONFIG + "/SAM")
    image.end(layer)
    return image.finish()


@hostile
def symlink_out(out):
    """A hive that is a symbolic link to a file outside."""
    return with_entry(out, CONFIG + "/SOFTWARE", "symlink", "/etc/passwd", skip=("SOFTWARE",))


@hostile
def device(out):
    """A hive that is a character device."""
    return with_entry(out, CONFIG + "/SOFTWARE", "device", skip=("SOFTWARE",))


@hostile
def fifo(out):
    """A hive that is a FIFO."""
    return with_entry(out, CONFIG + "/SOFTWARE", "fifo", skip=("SOFTWARE",))


@hostile
def folder_hive(out):
    """A hive that is a folder."""
    return with_entry(out, CONFIG + "/SOFTWARE", "folder", skip=("SOFTWARE",))


@hostile
def duplicate(out):
    """The same hive twice."""
    return with_entry(out, CONFIG + "/SOFTWARE", data=hive())


@hostile
def duplicate_case(out):
    """The same hive twice, once in another case."""
    return with_entry(out, CONFIG + "/software", data=hive())


@hostile
def duplicate_delta(out):
    """The same differencing hive twice, in a layer above the base."""
    image = Image(out)
    image.end(image.begin())
    layer = image.upper()
    for name in ("Hives/Software_Delta", "Hives/SOFTWARE_DELTA"):
        layer.file(name, empty_delta("Software_Delta"))
    image.end(layer)
    return image.finish()


@hostile
def not_a_hive(out):
    """A hive that is text."""
    return with_entry(out, CONFIG + "/SOFTWARE", data=b"text\n", skip=("SOFTWARE",))


@hostile
def empty_hive(out):
    """A hive of no bytes."""
    return with_entry(out, CONFIG + "/SOFTWARE", data=b"", skip=("SOFTWARE",))


@hostile
def whole_delta(out):
    """An ordinary hive where a differencing one belongs."""
    image = Image(out)
    image.end(image.begin())
    layer = image.upper()
    layer.file("Hives/Software_Delta", hive())
    image.end(layer)
    return image.finish()


@hostile
def sparse(out):
    """A hive that is a sparse file of one gigabyte in a few bytes (GNU, PAX format 1.0)."""
    image = Image(out)
    layer = image.begin(("SOFTWARE",))
    plan = b"1\n0\n512\n".ljust(512, b"\0") + b"regf".ljust(512, b"\0")
    layer.entry(CONFIG + "/GNUSparseFile.0/SOFTWARE", "file", plan, extra={
        "GNU.sparse.major": "1", "GNU.sparse.minor": "0",
        "GNU.sparse.name": CONFIG + "/SOFTWARE", "GNU.sparse.realsize": str(GIGABYTE)})
    image.end(layer)
    return image.finish()


@hostile
def hive_too_large(out):
    """A hive whose header says three gigabytes, and the layer ends."""
    image = Image(out)
    layer = image.begin(("SOFTWARE",))
    layer.entry(CONFIG + "/SOFTWARE", "file", size=3 * GIGABYTE)
    layer.raw(hive())
    image.end(layer)
    return image.finish()


def entry_head(image, size, skip=("SOFTWARE",)):
    """A base layer up to and with the header of a hive of @size bytes."""
    layer = image.begin(skip)
    layer.entry(CONFIG + "/SOFTWARE", "file", size=size)
    layer.out.close()
    with open(layer.path, "rb") as file:
        head = file.read()
    os.remove(layer.path)
    return head


def zeros_diff_id(head, n_bytes):
    state = hashlib.sha256(head)
    part = bytes(1 << 20)
    for _ in range(n_bytes >> 20):
        state.update(part)
    state.update(bytes(1024))
    return "sha256:" + state.hexdigest()


@hostile
def bomb_zstd(out):
    """A hive of one gigabyte of zeros, in 8192 blocks of four bytes. Nobody gets as far as its digest."""
    image = Image(out)
    head = entry_head(image, GIGABYTE)
    frame = iw.ZSTD_START
    for i in range(0, len(head), iw.ZSTD_BLOCK):
        part = head[i:i + iw.ZSTD_BLOCK]
        frame += iw.zstd_block(0, len(part), part)
    frame += iw.zstd_block(1, iw.ZSTD_BLOCK, b"\0") * (GIGABYTE // iw.ZSTD_BLOCK)
    frame += iw.zstd_block(0, 1024, bytes(1024), True)
    image.blob(frame, iw.sha256(b""), "zstd")
    return image.finish()


@hostile
def bomb_gzip(out):
    """A hive of BOMB bytes of zeros in gzip, in members of 16 megabytes."""
    image = Image(out)
    head = entry_head(image, BOMB)

    def member(data):
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        return packer.compress(data) + packer.flush()

    data = member(head) + member(bytes(16 << 20)) * (BOMB >> 24) + member(bytes(1024))
    image.blob(data, zeros_diff_id(head, BOMB), "gzip")
    return image.finish()


def gzip_of_zeros(head, n_bytes):
    """One member of gzip that holds @head, @n_bytes zeros and 1024 more: a megabyte is packed once, with
    a full flush after it, so that what it became can be repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    part = bytes(1 << 20)
    data = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    data += (packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH)) * (n_bytes >> 20)
    data += packer.compress(bytes(1024)) + packer.flush()
    checksum = zlib.crc32(head)
    for _ in range(n_bytes >> 20):
        checksum = zlib.crc32(part, checksum)
    checksum = zlib.crc32(bytes(1024), checksum)
    size = (len(head) + n_bytes + 1024) & 0xFFFFFFFF
    return (bytes.fromhex("1f8b08000000000002ff") + data + checksum.to_bytes(4, "little")
            + size.to_bytes(4, "little"))


@hostile
def bomb_filler(out):
    """A file that is no hive, of BOMB zeros in gzip: only time is lost. This one is good."""
    image = Image(out)
    layer = image.begin()
    layer.entry("Files/zeros", "file", size=BOMB)
    layer.out.close()
    with open(layer.path, "rb") as file:
        head = file.read()
    os.remove(layer.path)
    image.blob(gzip_of_zeros(head, BOMB), zeros_diff_id(head, BOMB), "gzip")
    return image.finish()


def cut(out, compression, n_bytes):
    image = Image(out)
    descriptor = image.end(image.begin(), compression)
    place = image.blobs.place(descriptor["digest"])
    with open(place, "rb") as file:
        data = file.read()[:-n_bytes]
    os.remove(place)
    image.layers = [image.blobs.add(data, descriptor["mediaType"])]
    return image.finish()


@hostile
def truncated_gzip(out):
    """A gzip layer that ends early; its digest is right."""
    return cut(out, "gzip", 300)


@hostile
def truncated_zstd(out):
    """A zstd layer that ends early."""
    return cut(out, "zstd", 3000)


@hostile
def truncated_tar(out):
    """A plain layer that ends in the middle of a hive."""
    return cut(out, "none", 5000)


@hostile
def media_type_lies(out):
    """A gzip layer whose media type says zstd. Its digests are right."""
    image = Image(out)
    image.end(image.begin())["mediaType"] = image.media["zstd"]
    return image.finish()


@hostile
def media_type_unknown(out):
    """A layer of a media type that nobody knows."""
    image = Image(out)
    image.end(image.begin())["mediaType"] = "application/x-unknown"
    return image.finish()
