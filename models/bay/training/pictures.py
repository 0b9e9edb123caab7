"""Loading the labelled pictures and making training samples of them."""

import json
import pathlib

import cv2
import numpy as np

PAD = (114, 114, 114)
# Pictures are kept in memory no larger than this; the network never sees more than 448.
LONGEST_SIDE_PX = 640
# Of a box cut by the edge of a sample at least this much must be left; less becomes an ignored region.
KEPT_SHARE = 0.3
SMALLEST_SIDE_PX = 4

# How often a picture of each part is drawn per epoch: true boxes more often than the teacher's.
REPEATS = {
    "street": 3.0,
    "ride": 1.0,
    "damage": 0.6,
    "car-detection": 2.5,
    "one-by-one-person-detection": 1.0,
    "rendered": 0.5,
}


class Picture:
    """One picture in memory with its boxes [n, 4], classes [n] and ignored regions [m, 4], in its own pixels."""

    def __init__(self, file, part, boxes, ignored):
        image = cv2.imread(str(file))
        scale = min(1.0, LONGEST_SIDE_PX / max(image.shape[:2]))
        if scale < 1:
            size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        self.file, self.part, self.image = str(file), part, image
        rows = np.array(boxes, np.float32).reshape(-1, 5)
        self.classes = rows[:, 0].astype(np.int64)
        self.boxes = rows[:, 1:] * scale
        self.ignored = np.array(ignored, np.float32).reshape(-1, 4) * scale


def real_pictures(labels, split):
    """`labels` is the `pictures.json` that label.py wrote."""
    entries = json.loads(pathlib.Path(labels).read_text())
    return [Picture(e["file"], e["part"], e["boxes"], e["ignored"]) for e in entries if e["split"] == split]


def rendered_pictures(folder):
    """A folder that simulator/scene/dataset.ts wrote."""
    folder = pathlib.Path(folder)
    document = json.loads((folder / "_annotations.coco.json").read_text())
    boxes, ignored = {}, {}
    for annotation in document["annotations"]:
        x, y, w, h = annotation["bbox"]
        corners = [x, y, x + w, y + h]
        if annotation["iscrowd"]:
            ignored.setdefault(annotation["image_id"], []).append(corners)
        else:
            boxes.setdefault(annotation["image_id"], []).append([annotation["category_id"] - 1, *corners])
    return [
        Picture(folder / i["file_name"], "rendered", boxes.get(i["id"], []), ignored.get(i["id"], []))
        for i in document["images"]
    ]


def placement(rng, picture, size, width, height, low, high):
    """A random scale, mirror and shift of a picture into a width × height tile: x' = ax·x + bx, y' = ay·y + by."""
    rows, columns = picture.image.shape[:2]
    base = size / max(rows, columns) * np.exp(rng.uniform(np.log(low), np.log(high)))
    aspect = np.exp(rng.uniform(-0.12, 0.12))
    sx, sy = base * aspect, base / aspect
    free_x, free_y = width - columns * sx, height - rows * sy
    bx = rng.uniform(min(0, free_x), max(0, free_x))
    by = rng.uniform(min(0, free_y), max(0, free_y))
    return (-sx, bx + columns * sx, sy, by) if rng.random() < 0.5 else (sx, bx, sy, by)


def paste(canvas, tile, picture, place, found):
    """Draws a picture into a tile (x0, y0, x1, y1) of the canvas and adds what is seen there to `found`."""
    x0, y0, x1, y1 = tile
    ax, bx, ay, by = place
    matrix = np.array([[ax, 0, bx], [0, ay, by]], np.float32)
    canvas[y0:y1, x0:x1] = cv2.warpAffine(
        picture.image, matrix, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR, borderValue=PAD
    )

    def moved(boxes):
        xs = np.sort(boxes[:, [0, 2]] * ax + bx + x0, axis=1)
        ys = np.sort(boxes[:, [1, 3]] * ay + by + y0, axis=1)
        whole = np.stack((xs[:, 0], ys[:, 0], xs[:, 1], ys[:, 1]), 1)
        return whole, np.clip(whole, (x0, y0, x0, y0), (x1, y1, x1, y1))

    area = lambda b: np.prod(np.clip(b[:, 2:] - b[:, :2], 0, None), axis=1)
    whole, seen = moved(picture.boxes)
    big = (seen[:, 2:] - seen[:, :2]).min(1, initial=1e9) >= SMALLEST_SIDE_PX if len(seen) else np.zeros(0, bool)
    kept = big & (area(seen) >= KEPT_SHARE * area(whole))
    found["boxes"].append(seen[kept])
    found["classes"].append(picture.classes[kept])
    _, ignored = moved(picture.ignored)
    found["ignored"].extend((seen[~kept & (area(seen) > 0)], ignored[area(ignored) > 0]))


def recolour(rng, image):
    """Random hue, saturation and value; now and then a dim or an over-lit bay."""
    hue, saturation, value = rng.uniform(-1, 1, 3) * (0.015, 0.5, 0.35) + 1
    if rng.random() < 0.15:
        value *= rng.uniform(0.35, 0.8)
    h, s, v = cv2.split(cv2.cvtColor(image, cv2.COLOR_BGR2HSV))
    x = np.arange(256)
    h = cv2.LUT(h, ((x * hue) % 180).astype(np.uint8))
    s = cv2.LUT(s, (x * saturation).clip(0, 255).astype(np.uint8))
    v = cv2.LUT(v, (x * value).clip(0, 255).astype(np.uint8))
    return cv2.cvtColor(cv2.merge((h, s, v)), cv2.COLOR_HSV2BGR)


def sample(rng, pictures, index, size, mosaic):
    """One training sample: canvas [size, size, 3], classes, boxes and ignored regions in its pixels."""
    canvas = np.full((size, size, 3), 114, np.uint8)
    found = {"boxes": [], "classes": [], "ignored": []}
    if mosaic:
        cx, cy = (rng.uniform(0.35, 0.65, 2) * size).astype(int)
        tiles = ((0, 0, cx, cy), (cx, 0, size, cy), (0, cy, cx, size), (cx, cy, size, size))
        chosen = [index, *rng.integers(0, len(pictures), 3)]
        rng.shuffle(chosen)
        for i, tile in zip(chosen, tiles):
            place = placement(rng, pictures[i], size, tile[2] - tile[0], tile[3] - tile[1], 0.45, 1.0)
            paste(canvas, tile, pictures[i], place, found)
    else:
        place = placement(rng, pictures[index], size, size, size, 0.75, 1.4)
        paste(canvas, (0, 0, size, size), pictures[index], place, found)
    canvas = recolour(rng, canvas)
    if rng.random() < 0.08:
        canvas = cv2.GaussianBlur(canvas, (3, 3), 0)
    boxes = np.concatenate(found["boxes"]).astype(np.float32)
    ignored = np.concatenate(found["ignored"]).astype(np.float32)
    return canvas, np.concatenate(found["classes"]), boxes, ignored
