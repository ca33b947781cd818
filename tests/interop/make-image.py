#!/usr/bin/env python3
"""Makes images for tests: in the shape of a Windows NanoServer image, and hostile ones.

make-image.py nanoserver OUT [OPTION...]
    A base layer with Files/, the five hives of fixtures/hives (with hard links to them from WinSxS),
    long names, the PAX records of Windows' exports, and filler. Prints the operand for layerpack and
    skopeo.

    --form oci|oci-archive|docker-archive    default oci; OUT is the folder or the file
    --family oci|docker                      media types of manifest, config and layers
    --compression gzip|none|zstd
    --size-mb N                              so much filler, deterministic; default 0
    --os-version V                           default 10.0.20348.2700; "" for none
    --tag T                                  default ltsc2022
    --upper deltas|files                     a second layer: with five differencing hives (that of
                                             DEFAULT is fixtures/golden/small.delta, the others are
                                             empty), or with files only, as BuildKit makes it;
                                             repeatable: one layer for each
    --delta NAME=FILE                        another differencing hive for --upper deltas
    --index                                  an index of four platforms: linux/amd64,
                                             windows/amd64 10.0.17763.6414, the image, windows/arm64
    --nested                                 with --index: the index is a blob, not index.json itself
    --foreign missing|present                the base layer is not distributable and has urls
    --style save|skopeo|blobs|links|hardlinks   of a docker-archive; see imagewriter.py
    --hive NAME=FILE                         another hive than the fixture
    --links sxs|hives|none                   hard links: default sxs, from WinSxS to hives; hives: the
                                             hive SOFTWARE is one itself, to an entry before it,
                                             which layerpack reads and layerpack verify complains of

make-image.py hostile NAME OUT    one of the images of hostile.py; prints its operand
make-image.py hostile             lists their names
make-image.py delta OUT           an empty differencing hive
"""

import argparse
import os
import random
import sys
import tempfile

sys.dont_write_bytecode = True
import imagewriter as iw  # noqa: E402
from deltahive import empty_delta  # noqa: E402

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures")
CONFIG = "Files/Windows/System32/config"
HIVES = {"DEFAULT": "small", "SAM": "empty", "SECURITY": "empty", "SOFTWARE": "SOFTWARE",
         "SYSTEM": "SYSTEM"}
DELTAS = {"DEFAULT": "DefaultUser_Delta", "SAM": "Sam_Delta", "SECURITY": "Security_Delta",
          "SOFTWARE": "Software_Delta", "SYSTEM": "System_Delta"}
SXS = "Files/Windows/WinSxS/amd64_microsoft-windows-registry-hive_31bf3856ad364e35_10.0.20348.1_"


def read(path):
    with open(path, "rb") as file:
        return file.read()


def hive_bytes(args, name):
    for pair in args.hive:
        if pair.upper().startswith(name + "="):
            return read(pair.split("=", 1)[1])
    return read(os.path.join(FIXTURES, "hives", HIVES[name]))


def filler(layer, n_mb):
    """Files of 64 KiB, half of it noise, so that they compress as programs do."""
    noise = random.Random(20348)
    for i in range(n_mb * 16):
        if i % 256 == 0:
            layer.folder("Files/Windows/System32/filler%03d" % (i // 256))
        layer.file("Files/Windows/System32/filler%03d/part%05d.dll" % (i // 256, i),
                   noise.randbytes(32 << 10) + b"%08d" % i * (4 << 10))


def base_layer(path, args):
    layer = iw.Layer(path)
    layer.folder("Files")
    layer.file("Files/License.txt", b"synthetic, for tests\r\n")
    for name in ("Files/Users", "Files/Users/Default", "Files/Windows", "Files/Windows/Servicing"):
        layer.folder(name)
    if args.links == "hives":
        layer.file("Files/Windows/Servicing/SOFTWARE", hive_bytes(args, "SOFTWARE"))
    layer.folder("Files/Windows/System32")
    layer.folder(CONFIG)
    for name in sorted(HIVES):
        if name == "SOFTWARE" and args.links == "hives":
            layer.link(CONFIG + "/SOFTWARE", "Files/Windows/Servicing/SOFTWARE")
        else:
            layer.file(CONFIG + "/" + name, hive_bytes(args, name))
    layer.file("Files/Windows/System32/ntdll.dll", b"MZ" + bytes(4094))
    layer.entry("Files/Windows/System32/ntdll.dll:stream", "file", b"an alternate data stream")
    layer.file("Files/Windows/System32/\u00fc\u4e2d.txt", b"a name that is not ASCII")
    filler(layer, args.size_mb)
    layer.folder("Files/Windows/WinSxS")
    if args.links != "none":
        for name in ("SAM", "SYSTEM"):
            layer.folder(SXS + "none_" + name.lower() + "0" * 90)
            layer.link(SXS + "none_" + name.lower() + "0" * 90 + "/" + name, CONFIG + "/" + name)
    layer.entry("Files/Documents and Settings", "symlink", link="C:\\Users",
                extra={"MSWINDOWS.fileattr": "9238", "MSWINDOWS.mountpoint": "1"})
    return layer.close()


def upper_layer(path, args, kind, index):
    layer = iw.Layer(path)
    layer.folder("Files")
    if kind == "files":
        layer.folder("Hives")
        layer.file("Files/app%d.txt" % index, b"from BuildKit\n")
        layer.entry("Files/.wh.License.txt", "file")
        return layer.close()
    layer.file("Files/layer%d.txt" % index, b"from Windows\n")
    layer.folder("Hives")
    given = dict(pair.split("=", 1) for pair in args.delta)
    given.setdefault("DEFAULT", os.path.join(FIXTURES, "golden", "small.delta"))
    for name in sorted(DELTAS):
        data = read(given[name]) if name in given else empty_delta(DELTAS[name])
        layer.file("Hives/" + DELTAS[name], data)
    return layer.close()


def small_image(blobs, args, os_name, architecture, os_version):
    """Another platform's image, for an index."""
    path = os.path.join(blobs.folder, "small.tar")
    layer = iw.Layer(path, records=False)
    layer.folder("Files" if os_name == "windows" else "etc")
    layer.close()
    descriptor, diff_id = blobs.add_layer(path, args.family, args.compression)
    os.remove(path)
    value = iw.config([diff_id], os_name, architecture, os_version)
    return {**iw.manifest(blobs, args.family, value, [descriptor]), "platform": iw.platform(value)}


def write_layout(folder, tars, args):
    blobs = iw.Blobs(folder)
    layers, diff_ids = [], []
    for path in tars:
        descriptor, diff_id = blobs.add_layer(path, args.family, args.compression)
        layers.append(descriptor)
        diff_ids.append(diff_id)
    if args.foreign:
        layers[0]["mediaType"] = iw.MEDIA[args.family]["foreign"]
        layers[0]["urls"] = ["https://layers.invalid/" + layers[0]["digest"]]
        if args.foreign == "missing":
            os.remove(blobs.place(layers[0]["digest"]))
    value = iw.config(diff_ids, os_version=args.os_version)
    image = iw.manifest(blobs, args.family, value, layers)
    manifests = [image]
    if args.index:
        image["platform"] = iw.platform(value)
        manifests = [small_image(blobs, args, "linux", "amd64", None),
                     small_image(blobs, args, "windows", "amd64", "10.0.17763.6414"), image,
                     small_image(blobs, args, "windows", "arm64", args.os_version)]
    if args.nested:
        media_type = iw.MEDIA[args.family]["index"]
        manifests = [blobs.add(iw.compact({"schemaVersion": 2, "mediaType": media_type,
                                           "manifests": manifests}), media_type)]
    if args.tag:
        for entry in manifests:
            entry["annotations"] = {"org.opencontainers.image.ref.name": args.tag}
    iw.layout(folder, manifests)


def nanoserver(args):
    iw.remove(args.out)
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.abspath(args.out))) as work:
        tars = [base_layer(os.path.join(work, "base.tar"), args)]
        for i, kind in enumerate(args.upper, 1):
            tars.append(upper_layer(os.path.join(work, "%d.tar" % i), args, kind, i))
        if args.form == "docker-archive":
            value = iw.config([iw.file_sha256(path) for path in tars], os_version=args.os_version)
            iw.docker_archive(args.out, value, tars,
                              "nanoserver:" + args.tag if args.tag else None, args.style)
        elif args.form == "oci-archive":
            folder = os.path.join(work, "layout")
            write_layout(folder, tars, args)
            iw.pack_folder(folder, args.out)
        else:
            write_layout(args.out, tars, args)
    name = args.tag
    if args.form == "docker-archive" and name:
        name = "nanoserver:" + name
    print("%s:%s%s" % (args.form, args.out, ":" + name if name else ""))


def main():
    if sys.argv[1:2] == ["hostile"]:
        import hostile  # which all other images do without
        return hostile.main(sys.argv[2:])
    if sys.argv[1:2] == ["delta"]:
        with open(sys.argv[2], "wb") as out:
            out.write(empty_delta("Software_Delta"))
        return 0
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["nanoserver"])
    parser.add_argument("out")
    parser.add_argument("--form", choices=["oci", "oci-archive", "docker-archive"], default="oci")
    parser.add_argument("--family", choices=[iw.OCI, iw.DOCKER], default=iw.OCI)
    parser.add_argument("--compression", choices=["gzip", "none", "zstd"], default="gzip")
    parser.add_argument("--size-mb", type=int, default=0)
    parser.add_argument("--os-version", default="10.0.20348.2700")
    parser.add_argument("--tag", default="ltsc2022")
    parser.add_argument("--upper", choices=["deltas", "files"], action="append", default=[])
    parser.add_argument("--delta", action="append", default=[])
    parser.add_argument("--index", action="store_true")
    parser.add_argument("--nested", action="store_true")
    parser.add_argument("--foreign", choices=["missing", "present"])
    parser.add_argument("--style", default="save",
                        choices=["save", "skopeo", "blobs", "links", "hardlinks"])
    parser.add_argument("--hive", action="append", default=[])
    parser.add_argument("--links", choices=["sxs", "hives", "none"], default="sxs")
    nanoserver(parser.parse_args())
    return 0


if __name__ == "__main__":
    sys.exit(main())
