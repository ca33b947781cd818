"""Makes an image of tars that are there already, for tests of what reads images.

    image-of-layers.py OUT [OPTION...] LAYER...

    --form oci|oci-archive|docker-archive    default oci; OUT is the folder or the file
    --family oci|docker                      of media types; default oci
    --compression none|gzip|zstd             default none
    --set NAME=JSON                          a member of the config, as os.version="10.0.1.2"; null
                                             takes it away
    --index NAME=JSON                        a member of the platform in index.json
    --created-by TEXT                        of the history of all layers; default "layer N"
    --type N=TYPE                            the media type of layer N, from 1

Layers are plain tars, the lowest first.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
import imagewriter as iw  # noqa: E402


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("layers", nargs="*")
    parser.add_argument("--form", default="oci")
    parser.add_argument("--family", default="oci")
    parser.add_argument("--compression", default="none")
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--index", action="append", default=[])
    parser.add_argument("--created-by")
    parser.add_argument("--type", action="append", default=[])
    return parser.parse_intermixed_args()


def change(value, pairs):
    for pair in pairs:
        name, text = pair.split("=", 1)
        value[name] = json.loads(text)
        if value[name] is None:
            del value[name]


def main():
    args = parse()
    iw.remove(args.out)
    # A layer that is named again is hashed and packed once.
    ids = {path: iw.file_sha256(path) for path in set(args.layers)}
    diff_ids = [ids[path] for path in args.layers]
    config = iw.config(diff_ids, os_version="10.0.20348.2700")
    for i, entry in enumerate(config["history"]):
        entry["created_by"] = args.created_by or "layer %d" % (i + 1)
    change(config, args.set)
    if args.form == "docker-archive":
        iw.docker_archive(args.out, config, args.layers, "base:v1", "blobs")
        return
    folder = tempfile.mkdtemp(dir=".") if args.form == "oci-archive" else args.out
    blobs = iw.Blobs(folder)
    packed = {path: blobs.add_layer(path, args.family, args.compression)[0] for path in ids}
    layers = [dict(packed[path]) for path in args.layers]
    for pair in args.type:
        number, media_type = pair.split("=", 1)
        layers[int(number) - 1]["mediaType"] = media_type
    descriptor = iw.manifest(blobs, args.family, config, layers)
    if args.index:
        descriptor["platform"] = iw.platform(config)
        change(descriptor["platform"], args.index)
    descriptor["annotations"] = {"org.opencontainers.image.ref.name": "v1"}
    iw.layout(folder, [descriptor])
    if args.form == "oci-archive":
        iw.pack_folder(folder, args.out)
        shutil.rmtree(folder)


main()
