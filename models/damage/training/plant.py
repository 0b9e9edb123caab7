"""Writes whole cars with damage pasted on: what a camera some metres away would see, with known truth.

    python plant.py --data DATA --out PLANTED

The cars are street photos that no training here has seen (plates/valid), the damage is cut out of damage/valid. It is no
substitute for real photos of damaged cars: pasted damage has edges, light and places that real damage has not.
"""

import argparse
import json
import pathlib
import sys

import cv2
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "training"))

from pictures import CLASSES, Canvas, Cutouts, bounds, car_photos, damage_photos, draw_car

SIZE = 640
SEED = 20261125


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=2, help="pictures per street photo")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    cutouts = Cutouts(damage_photos(options.data / "damage" / "valid"))
    cars = [c for c in car_photos(options.data / "plates" / "valid") if len(c.vehicles)]
    images, annotations = [], []
    for index in range(options.rounds * len(cars)):
        canvas = Canvas(SIZE)
        draw_car(rng, canvas, cars[index % len(cars)], cutouts, (0, 0, SIZE, SIZE))
        name = f"planted-{index:04}.jpg"
        cv2.imwrite(str(options.out / name), canvas.image, [cv2.IMWRITE_JPEG_QUALITY, 92])
        images.append(dict(id=index, file_name=name, width=SIZE, height=SIZE))
        for label, polygons in canvas.damage:
            low, high = bounds(polygons)
            annotations.append(
                dict(
                    id=len(annotations) + 1,
                    image_id=index,
                    category_id=label,
                    bbox=[*low.tolist(), *(high - low).tolist()],
                    segmentation=[p.reshape(-1).tolist() for p in polygons],
                )
            )
    categories = [dict(id=i, name=n) for i, n in enumerate(CLASSES)]
    document = dict(categories=categories, images=images, annotations=annotations)
    (options.out / "_annotations.coco.json").write_text(json.dumps(document))
    print(f"{len(images)} pictures, {len(annotations)} marks in {options.out}")


if __name__ == "__main__":
    main()
