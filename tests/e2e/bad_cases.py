"""Bad command lines, by what is bad in them: the words, and what the one line of the answer must say."""

from __future__ import annotations

from tests.e2e import bad_material

# {m}: folder of bad material, {b}: folder of good bundles, {w}: an empty working folder.
# Words, then what the line must name.
CASES: dict[str, tuple[str, str]] = {
    # images
    "image missing": ("run {m}/images/none.jpg", "none.jpg"),
    "image empty": ("run {m}/images/empty.jpg", "empty.jpg"),
    "image is text": ("run {m}/images/text.jpg", "text.jpg"),
    "image is a Git LFS pointer": ("run {m}/images/pointer.png", "pointer.png"),
    "image cut off, PNG": ("run {m}/images/cut.png", "cut.png"),
    "image cut off, JPEG": ("run {m}/images/cut.jpg", "cut.jpg"),
    "image damaged, of which libtiff has its own lines to say": (
        "run {m}/images/damaged.tiff",
        "damaged.tiff",
    ),
    "image is noise": ("run {m}/images/noise.tiff", "noise.tiff"),
    "image too large": ("run {m}/images/bomb.png", "bomb.png"),
    "image is a device": ("run /dev/null", "/dev/null"),
    "image is an endless device": ("run /dev/zero", "is not a regular file"),
    "image is a pipe": ("run {m}/images/pipe.png", "pipe.png: is not a regular file"),
    "image is a link to itself": ("run {m}/images/loop.png", "loop.png: cannot be read"),
    "image is a link to nothing": ("run {m}/images/dangling.png", "dangling.png: no such file"),
    "image without pixels": ("run {m}/images/no-pixels.png", "no-pixels.png"),
    "image is a web page": ("run {m}/images/page.png", "page.png: is not a picture"),
    "image is a drawing": ("run {m}/images/drawing.svg", "drawing.svg: is not a picture"),
    "image is a document": ("run {m}/images/document.pdf", "document.pdf: is not a picture"),
    "image is a file of arrays": ("run {m}/images/arrays.npz", "arrays.npz: is not a picture"),
    "image is a model": ("run {m}/nb/picture.nb", "picture.nb: "),
    "folder without images": ("run {m}/images/nothing", "images/nothing"),
    "image, as JSON": ("run --json {m}/images/text.jpg", "text.jpg"),
    "image, to be drawn": ("run {m}/images/text.jpg --draw {w}/out.png", "text.jpg"),
    "demo of no image": ("demo {m}/images/text.jpg -o {w}/demo", "text.jpg"),
    # .nb files
    "nb missing": ("inspect {m}/nb/none.nb", "none.nb"),
    "nb is a folder without manifest": ("inspect {m}/images", "images"),
    "nb empty": ("inspect {m}/nb/empty.nb", "empty.nb"),
    "nb header cut off": ("inspect {m}/nb/cut-header.nb", "cut-header.nb"),
    "nb topology cut off": ("inspect {m}/nb/cut-topology.nb", "cut-topology.nb"),
    "nb weights cut off": ("inspect {m}/nb/cut-weights.nb", "cut-weights.nb"),
    "nb is text": ("inspect {m}/nb/text.nb", "text.nb"),
    "nb is a Git LFS pointer": ("inspect {m}/nb/pointer.nb", "pointer.nb"),
    "nb is noise": ("inspect {m}/nb/noise.nb", "noise.nb"),
    "nb of the old format": ("inspect {m}/nb/old-format.nb", "old-format.nb"),
    "nb of an unknown format": ("inspect {m}/nb/unknown-format.nb", "unknown-format.nb"),
    "nb with an endless topology": ("inspect {m}/nb/endless-topology.nb", "endless-topology.nb"),
    "nb damaged": ("inspect {m}/nb/damaged.nb", "damaged.nb"),
    "nb is a .pdmodel": ("inspect {m}/models/good/inference.pdmodel", "inference.pdmodel"),
    "nb is a .pdiparams": ("inspect {m}/models/good/inference.pdiparams", "Paddle weights (.pdiparams)"),
    "nb is a web page": ("inspect {m}/nb/page.nb", "page.nb: a web page"),
    "nb is a gzip archive": ("inspect {m}/nb/gzip.nb", "gzip.nb: a gzip archive"),
    "nb is a zip archive": ("inspect {m}/nb/zip.nb", "zip.nb: a zip archive"),
    "nb is a pickle": ("inspect {m}/nb/pickle.nb", "pickle.nb: a Python pickle"),
    "nb is a picture": ("inspect {m}/nb/picture.nb", "picture.nb: a picture"),
    "nb of two gigabytes": ("inspect {m}/nb/huge.nb", "more than any .nb has"),
    "nb is a pipe": ("inspect {m}/images/pipe.png", "pipe.png: not a regular file"),
    "nb, as JSON": ("inspect --json {m}/nb/cut-weights.nb", "cut-weights.nb"),
    "bare nb as a bundle": ("bench {b}/ch_PP-OCRv4_det-x86/model.nb", "model.nb"),
    # bundles
    "bundle missing": ("bench {m}/bundles/none", "bundles/none"),
    "bundle without manifest": ("bench {m}/bundles/no-manifest", "no-manifest"),
    "bundle, manifest not JSON": ("bench {m}/bundles/not-json", "manifest.json"),
    "bundle, manifest nested endlessly": ("bench {m}/bundles/nested", "manifest.json"),
    "bundle of another format": ("bench {m}/bundles/other-format", "manifest.json"),
    "bundle, file outside": ("bench {m}/bundles/escape", "manifest.json"),
    "bundle, field of a wrong type": ("bench {m}/bundles/wrong-type", "classes"),
    "bundle, unknown parameter": ("bench {m}/bundles/unknown-parameter", "treshold"),
    "bundle, manifest lies about the target": ("bench {m}/bundles/other-target", "target"),
    "bundle without its model": ("bench {m}/bundles/no-model", "model.nb"),
    "bundle without its dictionary": (
        "run {m}/images/good.png --bundle rec={m}/bundles/no-dictionary",
        "dictionary.txt",
    ),
    "bundle with two changed bytes": ("inspect {m}/bundles/one-byte", "model.nb"),
    "bundle, model with a byte too much": ("inspect {m}/bundles/longer", "model.nb: has"),
    "bundle, model is a Git LFS pointer": ("bench {m}/bundles/pointer", "model.nb: a Git LFS pointer"),
    "bundle, model is a link out of it": ("inspect {m}/bundles/link", "model.nb: leads out of the bundle"),
    "bundle, dictionary of another model": (
        "inspect {m}/bundles/other-dictionary",
        "dictionary.txt: makes 4",
    ),
    "bundle, manifest in Latin-1": ("inspect {m}/bundles/latin", "manifest.json: is not UTF-8"),
    "bundle, a number that is none": ("inspect {m}/bundles/not-a-number", "NaN is no number"),
    "bundle, a field twice": ("inspect {m}/bundles/named-twice", "'task' stands twice"),
    "bundle, absolute file name": ("inspect {m}/bundles/absolute", "'/etc/passwd'"),
    "bundle, a side of two megapixels": ("inspect {m}/bundles/huge-side", "'longest_side' is 2016000"),
    "bundle is a picture": ("bench {m}/images/good.png", "good.png: is not a folder"),
    "bundle for ARM": ("bench {b}/ch_PP-OCRv4_det-arm", "arm"),
    "bundle for ARM, forced": ("bench --force {b}/ch_PP-OCRv4_det-arm", "arm"),
    "older bundle with integer weights on x86": ("bench {b}/ch_PP-OCRv4_det-x86-int8-weights", "--force"),
    "bundle for another task": ("run {m}/images/good.png --bundle cls={b}/ch_PP-OCRv4_det-x86", "det"),
    # archives
    **{
        f"archive: {name}": (
            f"models pull ch_ppocr_mobile_v2.0_cls --again --kind inference --source {{m}}/mirrors/{name}",
            bad_material.ARCHIVE.rpartition("/")[2],
        )
        for name in (
            *("dotdot", "absolute", "symlink", "hardlink", "device"),
            *("cut", "empty", "page", "other-files", "half-model"),
        )
    },
    "mirror without the model": (
        "models pull ch_ppocr_mobile_v2.0_cls --again --source {m}/mirrors/bare",
        "bare",
    ),
    "mirror missing": ("models pull ch_ppocr_mobile_v2.0_cls --source {m}/none", "none"),
    "mirror of an unknown kind": ("models pull ch_ppocr_mobile_v2.0_cls --source ftp://x", "ftp://x"),
    "mirror that does not answer": (
        "models pull ch_ppocr_mobile_v2.0_cls --again --source http://127.0.0.1:9/",
        "127.0.0.1:9",
    ),
    "unknown model": ("models pull ch_pocr_mobile_v2.0_det", "ch_ppocr_mobile_v2.0_det"),
    "unknown model, shown": ("models show nothing-like-it", "nothing-like-it"),
    "kind that was not published": (
        "models pull ch_ppocr_mobile_v2.0_cls --kind slim-trained",
        "slim-trained",
    ),
    # models
    "convert: unknown model": ("convert ch_ppocr_det --target arm -o {w}/o", "ch_ppocr_det"),
    "convert: folder without model": (
        "convert {m}/models/nothing --task det --target arm -o {w}/o",
        "nothing",
    ),
    "convert: no weights": ("convert {m}/models/no-weights --task det --target arm -o {w}/o", "pdiparams"),
    "convert: empty program": (
        "convert {m}/models/empty-program --task det --target arm -o {w}/o",
        "pdmodel",
    ),
    "convert: training checkpoint": (
        "convert {m}/models/checkpoint --task det --target arm -o {w}/o",
        "checkpoint",
    ),
    "convert: model of Paddle 3": ("convert {m}/models/paddle3 --task det --target arm -o {w}/o", "paddle3"),
    "convert: files swapped": ("convert {m}/models/swapped --task cls --target arm -o {w}/o", "pdmodel"),
    "convert: program without its last byte": (
        "convert {m}/models/cut-program --task cls --target arm -o {w}/o",
        "inference.pdmodel: is cut off: 1 more bytes",
    ),
    "convert: half the weights": (
        "convert {m}/models/cut-weights --task cls --target arm -o {w}/o",
        "is cut off",
    ),
    "convert: Git LFS pointers": (
        "convert {m}/models/pointer --task cls --target arm -o {w}/o",
        "inference.pdmodel: holds no program",
    ),
    "convert: a file": ("convert {m}/nb/text.nb --target arm -o {w}/o", "text.nb: is neither a folder nor"),
    "convert: missing folder": ("convert {m}/models/none --target arm -o {w}/o", "none: is neither a folder"),
    "convert: missing dictionary": (
        "convert {m}/models/good --task rec --dict {m}/none.txt --target arm -o {w}/o",
        "none.txt: cannot be read",
    ),
    "convert: dictionary in Latin-1": (
        "convert {m}/models/good --task rec --dict {m}/models/latin.txt --target arm -o {w}/o",
        "latin.txt: is not UTF-8 text",
    ),
    "convert: dictionary for a detector": (
        "convert {m}/models/good --task det --dict {m}/models/keys.txt --target arm -o {w}/o",
        "--dict: does not apply: it is for recognizers",
    ),
    "convert: height of a classifier": (
        "convert {m}/models/good --task cls --height 48 --target arm -o {w}/o",
        "--height: does not apply",
    ),
    "convert: no space in a zoo model": (
        "convert ch_PP-OCRv4_rec --no-space --target arm -o {w}/o",
        "--no-space: does not apply",
    ),
    "convert: task of a zoo model": (
        "convert ch_PP-OCRv4_rec --task rec --target arm -o {w}/o",
        "--task: does not",
    ),
    "convert: source of a folder": (
        "convert {m}/models/good --task cls --source package --target arm -o {w}/o",
        "--source: does not apply",
    ),
    "convert: kind of a folder": (
        "convert {m}/models/good --task cls --kind inference --target arm -o {w}/o",
        "--kind: does not apply",
    ),
    "convert: height of 3": ("convert {m}/models/good --height 3 --target arm -o {w}/o", "'--height'"),
    "convert: four bits": ("convert ch_PP-OCRv4_rec --weights int4 --target arm -o {w}/o", "'--weights'"),
    "convert: output below a file": (
        "convert {m}/models/good --task cls --target arm -o {m}/images/text.jpg/o",
        "cannot be written (Not a directory)",
    ),
    "convert: something else in the way": (
        "convert {m}/models/good --task cls --target arm -o {m}/models/taken",
        "good-arm: is in the way and is not a bundle",
    ),
    "convert: no task": ("convert {m}/models/good --target arm -o {w}/o", "--task"),
    "convert: wrong task": ("convert {m}/models/good --task det --target arm -o {w}/o", "--task"),
    "convert: no dictionary": ("convert {m}/models/good --task rec --target arm -o {w}/o", "--dict"),
    "convert: a dictionary too much": (
        "convert ch_PP-OCRv4_rec --dict {m}/images/text.jpg --target arm -o {w}/o",
        "--dict",
    ),
    "convert: no target": ("convert ch_PP-OCRv4_det -o {w}/o", "--target"),
    "convert: unknown target": ("convert ch_PP-OCRv4_det --target cuda -o {w}/o", "cuda"),
    "convert: OpenCL alone": ("convert ch_PP-OCRv4_det --target opencl -o {w}/o", "arm,opencl"),
    "convert: two processors": ("convert ch_PP-OCRv4_det --target arm,x86 -o {w}/o", "arm,x86"),
    "convert: half precision on x86": ("convert ch_PP-OCRv4_det --target x86 --fp16 -o {w}/o", "--fp16"),
    "convert: half precision and integers": (
        "convert ch_PP-OCRv4_det --target arm --fp16 --weights int8 -o {w}/o",
        "--fp16",
    ),
    "convert: integer recognizer on x86": (
        "convert ch_PP-OCRv4_rec --target x86 --weights int8 -o {w}/o",
        "int8",
    ),
    "convert: output is a file": ("convert ch_PP-OCRv4_det --target arm -o {m}/images/text.jpg", "text.jpg"),
    # evaluation
    "evaluate: no data": ("evaluate ch_ppocr_mobile_v2.0_cls", "--data"),
    "evaluate: labels are missing": (
        "evaluate ch_ppocr_mobile_v2.0_cls --data {m}/none.txt",
        "none.txt: cannot be read",
    ),
    "evaluate: labels are text": (
        "evaluate ch_ppocr_mobile_v2.0_cls --data {m}/images/text.jpg",
        "text.jpg:1: has no tab",
    ),
    "evaluate: labels are a picture": (
        "evaluate ch_PP-OCRv4_det --data {m}/images/good.png",
        "good.png: is not UTF-8",
    ),
    "evaluate: labels are nothing": (
        "evaluate ch_PP-OCRv4_det --data {m}/images/empty.jpg",
        "names no picture",
    ),
    "evaluate: labels are an endless device": (
        "evaluate ch_PP-OCRv4_det --data /dev/zero",
        "/dev/zero: is not a regular file",
    ),
    "evaluate: folder without images": (
        "evaluate ch_ppocr_mobile_v2.0_cls --data {m}/images/nothing",
        "images/nothing",
    ),
    "evaluate: bad pictures in a folder": (
        "evaluate ch_ppocr_mobile_v2.0_cls --data {m}/images",
        "bomb.png",
    ),
    "evaluate: unknown model": ("evaluate no_such_model --data {m}/none.txt", "no_such_model"),
    "evaluate: unknown other model": (
        "evaluate ch_PP-OCRv4_det --against no_such_model --data {m}/none.txt",
        "no_such_model",
    ),
    "evaluate: models of different tasks": (
        "evaluate ch_PP-OCRv4_det --against ch_PP-OCRv4_rec --data {m}/none.txt",
        "--against ch_PP-OCRv4_rec",
    ),
    "evaluate: folder of unknown task": (
        "evaluate {m}/models/good --data {m}/none.txt",
        "--task",
    ),
    "evaluate: task of a known model": (
        "evaluate ch_PP-OCRv4_det --task det --data {m}/none.txt",
        "--task",
    ),
    "evaluate: damaged bundle": ("evaluate {m}/bundles/not-json --data {m}/none.txt", "not-json"),
    "evaluate: bundle on Paddle": (
        "evaluate {b}/ch_PP-OCRv4_det-x86 --device paddle --data {m}/none.txt",
        "--device paddle",
    ),
    "evaluate: unknown device": (
        "evaluate ch_PP-OCRv4_det --device pixel --data {m}/none.txt",
        "--device pixel",
    ),
    "evaluate: unknown device for the other": (
        "evaluate ch_PP-OCRv4_det --against ch_PP-OCRv4_det --against-device pixel --data {m}/none.txt",
        "--against-device pixel",
    ),
    "evaluate: device for no other": (
        "evaluate ch_PP-OCRv4_det --against-device local --data {m}/none.txt",
        "--against-device",
    ),
    "evaluate: worst cases as a document": (
        "evaluate ch_PP-OCRv4_det --data {m}/none.txt --worst {w}/o.doc",
        "--worst",
    ),
    "evaluate: no picture at all": ("evaluate ch_PP-OCRv4_det --data {m}/none.txt -n 0", "-n"),
    # tensors
    "tensor is text": ("bench {b}/ch_PP-OCRv4_det-x86 --input {m}/tensors/text.npy", "text.npy"),
    "tensors in a zip": ("bench {b}/ch_PP-OCRv4_det-x86 --input {m}/images/arrays.npz", "arrays.npz: is not"),
    "tensor is missing": ("bench {b}/ch_PP-OCRv4_det-x86 --input {m}/none.npy", "none.npy: cannot be read"),
    "tensor and size": ("bench {b}/ch_PP-OCRv4_det-x86 --input {m}/none.npy --size 64x64", "--size"),
    "tensor of doubles": ("bench {b}/ch_PP-OCRv4_det-x86 --input {m}/tensors/double.npy", "float64"),
    "tensor of one channel": ("bench {b}/ch_PP-OCRv4_det-x86 --input {m}/tensors/channels.npy", "shape"),
    "tensor of an odd side": ("bench {b}/ch_PP-OCRv4_det-x86 --input {m}/tensors/side.npy", "32"),
    "size that is none": ("bench {b}/ch_PP-OCRv4_det-x86 --size big", "big"),
    "size of nothing": ("bench {b}/ch_PP-OCRv4_det-x86 --size 0x0", "0x0"),
    "size not a multiple of 32": ("bench {b}/ch_PP-OCRv4_det-x86 --size 100x100", "32"),
    # options
    "no image": ("run", "IMAGE"),
    "unknown command": ("rum", "rum"),
    "unknown option": ("run x.jpg --fast", "--fast"),
    "unknown option of the whole": ("--fast run x.jpg", "--fast"),
    "image named by no text": ("run \udcff.jpg", "\\udcff.jpg: no such file"),
    "image named in red": ("run \x1b[31mred", "\\x1b[31mred: no such file"),
    "image of an endless name": ("run " + "x" * 5000, "cannot be read (File name too long)"),
    "bundle for an unknown task": ("run {m}/images/good.png --bundle ocr={b}", "TASK=FOLDER"),
    "bundle option without folder": ("run {m}/images/good.png --bundle det=", "TASK=FOLDER"),
    "bundle of run missing": ("run {m}/images/good.png --bundle det={m}/none", "none: no such folder"),
    "bundle of run is a bare nb": ("run {m}/images/good.png --bundle det={m}/nb/text.nb", "is a bare .nb"),
    "score that is no number": ("run {m}/images/good.png --min-score nan", "'nan' is not a number"),
    "time limit without end": ("run {m}/images/good.png --time-limit inf", "--time-limit"),
    "drawn below a file": (
        "run {m}/images/good.png --draw {m}/images/text.jpg/o.png",
        "text.jpg/o.png: cannot be written",
    ),
    "demo into a file": ("demo -o {m}/images/text.jpg", "text.jpg: cannot be made"),
    "unknown language": ("models list --language klingon", "'klingon'"),
    "unknown kind": ("models list --kind onnx", "'onnx'"),
    "no model to pull": ("models pull", "NAME"),
    "no bundle to bench": ("bench", "BUNDLE"),
    "nothing to inspect": ("inspect", "FILE"),
    "unknown device": ("run {m}/images/good.png --device pixel", "pixel"),
    "bundle option without task": ("run {m}/images/good.png --bundle {b}", "TASK=FOLDER"),
    "bundle option twice": ("run {m}/images/good.png --bundle det={b} det={b}", "twice"),
    "score out of range": ("run {m}/images/good.png --min-score 7", "--min-score"),
    "time limit of nothing": ("run {m}/images/good.png --time-limit 0", "--time-limit"),
    "several images drawn into one": (
        "run {m}/images/good.png {m}/images/good.jpg --draw {w}/o.png",
        "--draw",
    ),
    "drawn as something else": ("run {m}/images/good.png --draw {w}/o.doc", "--draw"),
    "no repeats": ("bench {b}/ch_PP-OCRv4_det-x86 --repeats 0", "--repeats"),
}
