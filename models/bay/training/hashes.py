"""Lists the SHA-256 of every picture that a run trained on, so that no evaluation scores one of them.

    python hashes.py --labels WORK/pictures.json --rendered DIR… --out training-pictures.sha256

One line per picture, the first 16 hex digits of its hash, sorted: enough to recognise a picture, small enough to keep.
Frames of clips are the PNG files that label.py writes.
"""

import argparse
import hashlib
import json
import pathlib


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=pathlib.Path, required=True)
    parser.add_argument("--rendered", type=pathlib.Path, nargs="+", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    files = [e["file"] for e in json.loads(options.labels.read_text()) if e["split"] == "train"]
    for folder in options.rendered:
        files.extend(folder.glob("*.jpg"))
    hashes = sorted({hashlib.sha256(pathlib.Path(file).read_bytes()).hexdigest()[:16] for file in files})
    options.out.write_text("\n".join(hashes) + "\n")
    print(f"{len(files)} pictures, {len(hashes)} hashes in {options.out}")


if __name__ == "__main__":
    main()
