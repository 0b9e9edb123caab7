"""Lists the SHA-256 of every picture that a network trained on, so that no evaluation scores one of them.

    python hashes.py --out ../BUNDLE/training-pictures.sha256 FOLDER…

One line per picture, the first 16 hex digits of its hash, sorted: enough to recognise a picture, small enough to keep.
"""

import argparse
import hashlib
import pathlib


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("folders", type=pathlib.Path, nargs="+")
    options = parser.parse_args()
    files = [file for folder in options.folders for file in sorted(folder.glob("*.jpg"))]
    hashes = sorted({hashlib.sha256(file.read_bytes()).hexdigest()[:16] for file in files})
    options.out.write_text("\n".join(hashes) + "\n")
    print(f"{len(files)} pictures, {len(hashes)} hashes in {options.out}")


if __name__ == "__main__":
    main()
