"""What hostilelayers.py and hostile.py share: an image that they spoil, and the list of them."""

import os

import imagewriter as iw

CONFIG = "Files/Windows/System32/config"
FOLDERS = ("Files", "Files/Windows", "Files/Windows/System32", CONFIG)
NAMES = ("DEFAULT", "SAM", "SECURITY", "SOFTWARE", "SYSTEM")
FIXTURE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures", "hives",
                       "empty")
TAG = "hostile"

# Name of an image: the function that makes it and returns its operand.
IMAGES = {}


def hostile(make):
    IMAGES[make.__name__.replace("_", "-")] = make
    return make


def hive():
    with open(FIXTURE, "rb") as file:
        return file.read()


class Image:
    """An image with one base layer, and as many above it as asked for."""

    def __init__(self, out):
        self.out = out
        self.blobs = iw.Blobs(out)
        self.layers = []
        self.diff_ids = []
        self.media = iw.MEDIA[iw.OCI]

    def begin(self, skip=()):
        """A base layer without the hives named in @skip."""
        layer = iw.Layer(os.path.join(self.out, "layer.tar"))
        for name in FOLDERS:
            layer.folder(name)
        for name in NAMES:
            if name not in skip:
                layer.file(CONFIG + "/" + name, hive())
        return layer

    def upper(self):
        layer = iw.Layer(os.path.join(self.out, "layer.tar"))
        layer.folder("Files")
        layer.folder("Hives")
        return layer

    def end(self, layer, compression="gzip"):
        path = layer.close() if isinstance(layer, iw.Layer) else layer
        descriptor, diff_id = self.blobs.add_layer(path, iw.OCI, compression)
        os.remove(path)
        self.layers.append(descriptor)
        self.diff_ids.append(diff_id)
        return descriptor

    def blob(self, data, diff_id, compression):
        """A layer's blob as it is."""
        self.layers.append(self.blobs.add(data, self.media[compression]))
        self.diff_ids.append(diff_id)

    def config(self):
        return iw.config(self.diff_ids, os_version="10.0.20348.2700")

    def finish(self, config=None, manifest=None):
        """@config, @manifest: JSON text instead of what the layers give. Returns the operand."""
        entry = self.blobs.add(iw.compact(self.config()) if config is None else config,
                               self.media["config"])
        if manifest is None:
            manifest = iw.compact({"schemaVersion": 2, "mediaType": self.media["manifest"],
                                   "config": entry, "layers": self.layers})
        image = self.blobs.add(manifest, self.media["manifest"])
        return self.index([image])

    def index(self, entries):
        for entry in entries:
            entry.setdefault("annotations", {"org.opencontainers.image.ref.name": TAG})
        iw.layout(self.out, entries)
        return "oci:%s:%s" % (self.out, TAG)


@hostile
def good(out):
    """Nothing: what the others are measured against."""
    image = Image(out)
    image.end(image.begin())
    return image.finish()


def with_entry(out, name, kind="file", link="", data=b"evil\n", skip=(), size=None):
    image = Image(out)
    layer = image.begin(skip)
    layer.entry(name, kind, b"" if kind != "file" else data, link=link, size=size)
    image.end(layer)
    return image.finish()
