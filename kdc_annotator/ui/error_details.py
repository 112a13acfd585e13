"""What stands in brackets or after a colon in a refusal: why a value, a mask or a photo can't be used. For ``error_words.py``."""

from __future__ import annotations

from kdc_annotator.ui.text import mark

JSON: tuple[str, ...] = (
    mark("a comma is missing"),
    mark("a colon is missing"),
    mark("a key is missing"),
    mark("the file ends too early; it was probably cut off"),
    mark("there is text after the end of the data"),
    mark("values are nested too deeply"),
    mark("a number has more than {n} digits"),
    mark("it is not UTF-8 text"),
    mark("{error} in line {n}"),
    # Python's own
    mark("expecting value"),
    mark("expecting property name enclosed in double quotes"),
    mark("expecting ',' delimiter"),
    mark("expecting ':' delimiter"),
    mark("unterminated string"),
    mark("invalid control character"),
    mark("invalid \\escape"),
    mark("invalid \\uXXXX escape"),
    mark("extra data"),
    mark("illegal trailing comma before end of array"),
    mark("illegal trailing comma before end of object"),
)
"""Of a file that is no JSON."""

MASKS: tuple[str, ...] = (
    mark("a mask is a list of polygons or an RLE, not {kind}"),
    mark("the size of its image is unknown"),
    mark("its image of {w}x{h} has more than {n} million pixels"),
    mark("its RLE has more than {n} million characters"),
    mark("the text of its RLE is not COCO's packing"),
    mark("an RLE needs size [height, width]"),
    mark("made for {w}x{h} pixels, the image has {width}x{height}"),
    mark("made for {w}x{h} pixels, more than {n} million"),
    mark("the counts of the RLE are neither text nor run lengths"),
    mark("the runs of the RLE do not add up to {n} pixels"),
    mark("a polygon is not a list of x, y pairs"),
    mark("a polygon is not a list of x, y pairs, but holds something else than numbers"),
    mark("a polygon is not a list of x, y pairs: it has an odd number of coordinates"),
    mark("a polygon is not a list of x, y pairs: a coordinate is not finite"),
    mark("a polygon is a list of finite numbers"),
    mark("a polygon has an odd count of numbers"),
    mark("a polygon needs three points"),
    mark("four numbers read as a box x, y, width, height"),
    mark("neither polygons nor RLE"),
)
"""Of a mask."""

FILES: tuple[str, ...] = (
    mark("it is no file, but a device or a pipe"),
    mark("it is a project, which nothing replaces"),
    mark("it is a photo, which only another picture replaces"),
    mark("missing"),
    mark("not a list"),
    mark("not a list of numbers"),
    mark("not a table of names and values"),
    mark("not four finite numbers"),
    mark("not UTF-8; read as Latin-1"),
    mark("neither a whole number nor text"),
    mark("holds something else than finite numbers"),
    mark("negative size {w} x {h}"),
    mark("stands in the file twice; both are read"),
    mark("stands in the file twice; the last one counts"),
    mark("the key {value} stands twice in one object; the last one counts"),
    mark("{value} can't be an id"),
    mark("{value} is used twice; annotations go to the first image"),
    mark("{value} is used twice; the first one counts"),
    mark("{value} is used twice"),
    mark("{value} is another type than the image's id {other}"),
    mark("{value} is text where COCO has whole numbers; it is {n} here"),
    mark("{value} is not a whole number"),
    mark("{value} is read as {n}, and so are all others"),
    mark("{value} is not a count of pixels"),
    mark("{value} is not an area"),
    mark("{value} is not a finite number"),
    mark("{value} is neither 0 nor 1"),
    mark("{value} is no category with keypoints"),
    mark("visibility {value} is none of 0, 1, 2"),
    mark("no image has the id {value}"),
    mark("several images of the project came with the id {value}; the first one gets its detections"),
    mark("the project has no image with the id {value}; 1 detection is left out"),
    mark("the project has no image with the id {value}; {n} detections are left out"),
    mark("{n} instead of {m} values"),
    mark("names keypoint {value} of {n}; the skeleton is not used"),
    mark("category {value} names no keypoints; its {n} read as those of {kind}"),
    mark("The category {value} has no list of keypoint names"),
    mark("The skeleton of category {value} is not a list of index pairs"),
    mark("{value}: a schema has 1 to {n} keypoints, not {m}"),
    mark("{value}: keypoint names must differ from each other"),
    mark("{value}: the edge {a}-{b} does not join two keypoints, because there is 1"),
    mark("{value}: the edge {a}-{b} does not join two of the {n} keypoints"),
    mark("An image needs a file name"),
    mark("{value} holds half a character; rename the photo"),
    mark("{value} leads out of the images folder; only paths inside it are read"),
    mark(
        "{value} leads out of the images folder by a link, and such links are not followed; put the photo itself there"
    ),
    mark("A stored value can't be read ({error})"),
    mark("A step of a history can't be read ({error})"),
    mark("A step of a history is cut short or larger than any step is"),
)
"""Of a value in a COCO file or a project."""

PHOTOS: tuple[str, ...] = (
    mark("{name}: its size is not known; open it once in the app"),
    mark("{name}: the photo is not in {place}"),
    mark("{name}: the mask of person {n} can't be used ({error})"),
    mark("{name} has {w}x{h} pixels, more than {n} million; scale it down"),
)
"""Of a photo that a training can't use."""

DETAILS = (*JSON, *MASKS, *FILES, *PHOTOS)
"""Without a full stop. ``n`` and ``m`` are numbers, ``error`` is another detail, the rest stays as it is."""
