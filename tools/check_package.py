"""Checks that the built wheel and sdist contain what they must, and nothing else.

python tools/check_package.py DIST      (the folder with one wheel and one sdist)
"""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

MNIST = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
    "NOTICE",
)
IN_BOTH = (
    "tensorlet/__init__.py",
    "tensorlet/py.typed",
    "tensorlet/_native.pyi",
    "tensorlet/__init__.pyi",
    "tensorlet/math.pyi",
    "tensorlet/keras/layers/__init__.pyi",
    "tensorlet/api/stubs/random/experimental.pyi",
    *(f"tensorlet/playground/static/{name}" for name in ("index.html", "app.js", "style.css", "icon.svg")),
    *(f"tensorlet/playground/static/messages/{language}.json" for language in ("en", "ko")),
    "tensorlet/lessons/texts/01_softmax.md",
    *(f"tensorlet/datasets/files/mnist/{name}" for name in MNIST),
)
IN_WHEEL = (*IN_BOTH, "tensorlet/_native.abi3.so", "entry_points.txt", "licenses/LICENSE", "licenses/NOTICE")
IN_SDIST = (*IN_BOTH, "LICENSE", "NOTICE", "README.md", "Cargo.lock", "crates/engine/Cargo.toml")
UNWANTED = (".venv", "__pycache__", "/target/", ".pyc")
WHEEL_LIMIT = 20 * 2**20


def complaints_about(title: str, names: list[str], wanted: tuple[str, ...]) -> list[str]:
    """The files that an archive lacks, and those that it should not contain."""
    missing = [f"{title} lacks {end}" for end in wanted if not any(name.endswith(end) for name in names)]
    surplus = [f"{title} contains {name}" for name in names if any(part in name for part in UNWANTED)]
    return missing + surplus


def main(folder: Path) -> int:
    """Prints the errors in the wheel and sdist of a folder; returns 1 if there are any."""
    wheels, sdists = sorted(folder.glob("*.whl")), sorted(folder.glob("*.tar.gz"))
    if len(wheels) != 1 or len(sdists) != 1:
        print(
            f"{folder} should contain one wheel and one sdist, not {[file.name for file in wheels + sdists]}"
        )
        return 1
    wheel, sdist = wheels[0], sdists[0]
    complaints = complaints_about(wheel.name, zipfile.ZipFile(wheel).namelist(), IN_WHEEL)
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
    complaints += complaints_about(sdist.name, names, IN_SDIST)
    complaints += [f"{sdist.name} contains {name}" for name in names if name.endswith(".so")]
    if "-cp310-abi3-" not in wheel.name:
        complaints.append(f"{wheel.name} is not an abi3 wheel for Python 3.10 and later")
    if wheel.stat().st_size > WHEEL_LIMIT:
        complaints.append(f"{wheel.name} has {wheel.stat().st_size} bytes; the limit is {WHEEL_LIMIT}")
    for complaint in complaints:
        print(complaint)
    print(f"package: {'something is wrong' if complaints else 'wheel and sdist contain what they must'}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
