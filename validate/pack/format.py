"""The layout of a gate pack: one ZIP with all that a judge needs but the artifacts.

pack.json                  which run, which image has which label, sha256 of every other member
contract.json  training_set_labels.txt  reference.npz     of the run; the reference of these images only
artifacts.json  evaluation_report.json                    of the run, where it has them
images/00000.jpg           the sampled test images, byte for byte, named by their number: a label or a file name that
                           one system cannot write cannot stop another
"""

import re

from ...contract.image.image_formats import IMAGE_SUFFIXES

PACK_VERSION = 1
MANIFEST = "pack.json"
IMAGE_FOLDER = "images"

#: Copied from the run as they are; the last two where the run has them.
NEEDED = ("contract.json", "training_set_labels.txt")
OPTIONAL = ("artifacts.json", "evaluation_report.json")
REFERENCE = "reference.npz"

#: What a member may be called. A name that leads anywhere else is not among these.
MEMBER = re.compile(
    "|".join(map(re.escape, (MANIFEST, *NEEDED, *OPTIONAL, REFERENCE)))
    + rf"|{IMAGE_FOLDER}/[0-9]{{5}}(?:{'|'.join(map(re.escape, IMAGE_SUFFIXES))})"
)

#: An image, and everything: what one machine unpacks for a stranger. 100,000 images of 40 kB fit.
MAX_MEMBER_BYTES = 1 << 28
MAX_BYTES = 1 << 32
MAX_MEMBERS = 100_000
