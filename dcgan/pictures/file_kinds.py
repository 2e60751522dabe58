"""Kinds of files in which people keep pictures: their signatures, and advice for unread kinds.

A kind is recognized by the first bytes if it has a signature, otherwise by the suffix. This module
opens no file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

HEAD_BYTES = 512  # Enough for all signatures: a tar's is at 257, DICOM's at 128.

PICTURE = "picture"
ZIP, NPZ, NPY, IDX, CSV, GZIP = "ZIP", "NPZ", "NPY", "IDX", "CSV", "gzip"

_PICTURE_SUFFIXES = (
    *("png", "jpg", "jpeg", "jfif", "gif", "bmp", "pbm", "pgm", "ppm", "pnm", "webp", "tif"),
    *("tiff", "avif"),
)
_SUPPORTED_SUFFIXES: Mapping[str, str] = {
    **dict.fromkeys(_PICTURE_SUFFIXES, PICTURE),
    **{"zip": ZIP, "npz": NPZ, "npy": NPY, "csv": CSV, "tsv": CSV, "gz": GZIP},
}


@dataclass(frozen=True)
class UnsupportedKind:
    """A kind of file that is not read.

    Attributes:
        name: Name in the count of files left out.
        advice: How to convert it into a kind that is read, in the imperative.
        noun: Noun with its article, for a sentence about one file; "" for "a NAME file".
    """

    name: str
    advice: str
    noun: str = ""

    def explain_refusal(self, quoted_name: str) -> str:
        """Return the problem with a data set that is a file of this kind.

        Args:
            quoted_name: Name of the file.
        """
        noun = self.noun or f"a {self.name} file"
        return f"{quoted_name} is {noun}, which is not read: {self.advice}."


_SAVE = "in Python, open it and save the pictures with np.save('pictures.npy', pictures)"
_CONVERT = "convert the pictures to PNG or JPEG"
_UNPACK = "unpack it and give the folder with the pictures"
_SHEET = "save it as .csv, a row for each picture"

ARCHIVE = UnsupportedKind("still packed in an archive", _UNPACK, "an archive other than .zip")
_PICKLE = UnsupportedKind("pickle", f"it is never opened, as it can run code; {_SAVE}")
_TORCH = UnsupportedKind(
    "PyTorch",
    "it is never opened, as it can run code; save with np.save('pictures.npy', t.numpy())",
)
_HDF5 = UnsupportedKind(
    "HDF5", "save with np.save('pictures.npy', h5py.File(FILE)['NAME'][:])", "an HDF5 file"
)
_MATLAB = UnsupportedKind(
    "MATLAB", "save with np.save('pictures.npy', scipy.io.loadmat(FILE)['NAME'])"
)
_PARQUET = UnsupportedKind("Parquet", "save its pictures as PNG files, or as .npy with np.save")
_TFRECORD = UnsupportedKind("TFRecord", "save its pictures as PNG files, or as .npy with np.save")
_HEIC = UnsupportedKind(
    "HEIC",
    "convert the pictures to JPEG; phones do so when they share or export them",
    "a HEIC picture",
)
_SVG = UnsupportedKind(
    "SVG", "export the drawings as PNG, 64 pixels wide or more", "an SVG drawing"
)
_RAW = UnsupportedKind(
    "raw camera file", "develop the pictures and save them as JPEG or PNG", "a raw camera file"
)
_FILM = UnsupportedKind(
    "film", "save its frames as PNG, for example with ffmpeg -i FILM frame-%05d.png", "a film"
)
_PDF = UnsupportedKind("PDF", "export its pages as PNG, for example with pdftoppm -png FILE page")
_MEDICAL = UnsupportedKind(
    "medical image", f"export its slices as PNG, or {_SAVE}", "a medical image"
)
_DESIGN = UnsupportedKind("design file", "export its pictures as PNG", "a design file")
_OTHER_PICTURE = UnsupportedKind("picture of a rare format", _CONVERT, "a picture of a rare format")
_SPREADSHEET = UnsupportedKind("spreadsheet", _SHEET, "a spreadsheet")
_DATABASE = UnsupportedKind(
    "database", "save its pictures as PNG files, or as .npy with np.save", "a database"
)
_WEIGHTS = UnsupportedKind(
    "weights of a network",
    "give pictures; a run is continued with resume",
    "a file of a network's weights",
)
_TEXT = UnsupportedKind(
    "not a picture", "give the folder with the pictures that it describes", "a text"
)

_UNSUPPORTED_SUFFIXES: Mapping[str, UnsupportedKind] = {
    suffix: kind
    for suffixes, kind in (
        ("tar tgz tbz tbz2 txz bz2 xz zst lz4 lzma 7z rar cab iso dmg", ARCHIVE),
        ("pkl pickle joblib dill", _PICKLE),
        ("pt pth", _TORCH),
        ("h5 hdf5 hdf he5", _HDF5),
        ("mat", _MATLAB),
        ("parquet arrow feather", _PARQUET),
        ("tfrecord tfrecords", _TFRECORD),
        ("heic heif hif", _HEIC),
        ("svg svgz", _SVG),
        ("cr2 cr3 nef arw dng orf rw2 raf pef srw", _RAW),
        ("mp4 m4v mov avi mkv webm wmv mpg mpeg flv", _FILM),
        ("pdf", _PDF),
        ("dcm dicom nii mha mhd nrrd", _MEDICAL),
        ("psd psb ai eps ps xcf sketch indd kra cdr", _DESIGN),
        (
            "ico icns cur tga pcx dds exr hdr jp2 j2k jxl qoi fits fit xpm xbm sgi ras",
            _OTHER_PICTURE,
        ),
        ("xls xlsx ods", _SPREADSHEET),
        ("db sqlite sqlite3 mdb lmdb", _DATABASE),
        ("keras safetensors onnx tflite", _WEIGHTS),
        ("txt json jsonl xml html htm md yaml yml log", _TEXT),
    )
    for suffix in suffixes.split()
}

_BYTES = UnsupportedKind(
    "bare bytes",
    "give them a shape with np.save('pictures.npy', np.fromfile(FILE, 'uint8').reshape(-1, HEIGHT, "
    "WIDTH)); develop a camera's raw pictures and save them as JPEG",
    "a file of bare bytes",
)
_BARE_SUFFIXES = (".raw", ".bin", ".dat", ".data", ".ubyte")  # Of files without a signature.

# The first bytes of files, as regular expressions, from the formats' specifications.
_SIGNATURES: tuple[tuple[bytes, str | UnsupportedKind], ...] = (
    (rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|RIFF....WEBP|II\*\0|MM\0\*", PICTURE),
    (rb"BM....\0\0\0\0|P[1-6]\s", PICTURE),
    (rb"....ftyp(avif|avis)", PICTURE),
    (rb"....ftyp(hei[cxms]|hev[cmxs]|mif1|msf1)", _HEIC),
    (rb"....ftyp(crx )", _RAW),
    (rb"....ftyp|\x1aE\xdf\xa3|RIFF....AVI |\0\0\x01\xba|FLV\x01", _FILM),
    (rb"\x93NUMPY", NPY),
    (rb"PK\x03\x04|PK\x05\x06", ZIP),
    (rb"\0\0[\x08\x09\x0b-\x0e][\x01-\x04]", IDX),
    (rb"\x1f\x8b", GZIP),
    (rb"Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|BZh[1-9]|\xfd7zXZ\0|\x28\xb5\x2f\xfd", ARCHIVE),
    (rb".{257}ustar", ARCHIVE),
    (rb"\x89HDF\r\n\x1a\n", _HDF5),
    (rb"MATLAB 5\.0 MAT-file", _MATLAB),
    (rb"PAR1|ARROW1|FEA1", _PARQUET),
    (rb"%PDF-", _PDF),
    (rb"%!PS|8BPS|gimp xcf", _DESIGN),
    (rb".{128}DICM", _MEDICAL),
    (
        rb"\0\0\x01\0[\x01-\xff]\0|\xff\x0a|\0\0\0\x0cJXL |\0\0\0\x0cjP  |DDS |\x76\x2f\x31\x01",
        _OTHER_PICTURE,
    ),
    (rb"\x80[\x02-\x05][\x95c}\]\(Kq\x8a\x8c]", _PICKLE),
    (rb"SQLite format 3\0", _DATABASE),
    (
        rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]",
        _SVG,
    ),
)
_SIGNATURE_PATTERNS = tuple(
    (re.compile(signature, re.DOTALL), kind) for signature, kind in _SIGNATURES
)


def find_kind_by_suffix(name: str) -> str | UnsupportedKind | None:
    """Return a file's kind by its name alone; None if the suffix is unknown."""
    path = PurePosixPath(name.lower())
    suffix = path.suffix.removeprefix(".")
    if suffix == "gz" and (suffix_before := path.with_suffix("").suffix) in (".tar", ".nii"):
        return _UNSUPPORTED_SUFFIXES[suffix_before.removeprefix(".")]
    if re.search(r"idx[1-4]-u?byte(\.gz)?$", path.name):
        return IDX
    return _SUPPORTED_SUFFIXES.get(suffix) or _UNSUPPORTED_SUFFIXES.get(suffix)


def find_kind_by_head(head: bytes, name: str = "") -> str | UnsupportedKind | None:
    """Return a file's kind by its first `HEAD_BYTES` bytes; None if they have no known signature.

    Args:
        head: The bytes.
        name: The file's name; its suffix decides if there is no signature.
    """
    for pattern, kind in _SIGNATURE_PATTERNS:
        if pattern.match(head):
            return kind
    return _BYTES if name.lower().endswith(_BARE_SUFFIXES) else None
