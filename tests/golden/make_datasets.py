"""Small data sets as NumPy and the tools of others write them, and what they hold: tests/golden/datasets/.

Run with NumPy 2: python tests/golden/make_datasets.py
"""

import json
import pathlib
import zipfile

import numpy

FOLDER = pathlib.Path(__file__).parent / "datasets"
EPOCH = (2020, 1, 1, 0, 0, 0)


def main():
    random = numpy.random.default_rng(5)
    FOLDER.mkdir(exist_ok=True)
    x_train = random.integers(0, 256, (6, 3, 5), dtype=numpy.uint8)
    y_train = numpy.array([2, 0, 1, 2, 1, 0], dtype=numpy.int64)
    x_test = random.integers(0, 256, (3, 3, 5), dtype=numpy.uint8)
    y_test = numpy.array([1, 2, 0], dtype=numpy.uint8)
    numpy.savez_compressed(FOLDER / "keras.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    colors = random.random((4, 3, 2, 2), dtype=numpy.float32)
    colors[0, 0, 0, 0] = 1.0
    numpy.save(FOLDER / "planar.npy", colors)

    with open(FOLDER / "table.csv", "w") as table:
        table.write("label," + ",".join(f"pixel{i}" for i in range(16)) + "\n")
        for label, pixels in zip(y_train, x_train.reshape(6, 15)):
            table.write(f"{label}," + ",".join(map(str, [*pixels, label])) + "\n")

    # Pictures in the simplest format there is: BMP of 24 bits, rows from below, each filled to four bytes.
    def bmp(rgb):
        height, width, _ = rgb.shape
        row = (3 * width + 3) // 4 * 4
        lines = numpy.zeros((height, row), dtype=numpy.uint8)
        lines[:, : 3 * width] = rgb[::-1, :, ::-1].reshape(height, 3 * width)
        head = numpy.array([54 + row * height, 0, 54, 40, width, height], dtype="<u4").tobytes()
        return b"BM" + head + b"\1\0\x18\0" + bytes(24) + lines.tobytes()

    pictures = random.integers(0, 256, (5, 2, 3, 3), dtype=numpy.uint8)
    places = ["train/dog/b", "train/cat/a", "train/dog/a", "test/cat/a", "test/dog/a"]
    with zipfile.ZipFile(FOLDER / "classes.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for place, picture in zip(places, pictures):
            archive.writestr(zipfile.ZipInfo(f"pets/{place}.bmp", EPOCH), bmp(picture), zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("pets/train/dog/broken.png", EPOCH), b"no picture")

    def flat(array):
        return [int(value) for value in numpy.asarray(array).reshape(-1)]

    facts = {
        "keras": {"train": [flat(x_train), flat(y_train)], "test": [flat(x_test), flat(y_test)]},
        "planar": flat(numpy.floor(colors.transpose(0, 2, 3, 1).astype(numpy.float64) * 255 + 0.5)),
        "table": flat(numpy.concatenate([x_train.reshape(6, 15), y_train[:, None]], 1)),
        "classes": {"train": [flat(pictures[[1, 2, 0]]), [0, 1, 1]], "test": [flat(pictures[[3, 4]]), [0, 1]]},
    }
    (FOLDER / "facts.json").write_text(json.dumps(facts) + "\n")


main()
