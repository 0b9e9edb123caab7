"""The street and dashcam photos with number plates, and training samples cut out of them."""

import json

import cv2
import numpy as np

from colour import recolour

PAD = (114, 114, 114)
# Of a plate cut by the edge of a sample this much must be left; less is neither plate nor background.
KEPT_SHARE = 0.5
# Plates are shown this wide, whatever their photo: as small as a tile shows a far car, as large as a close-up.
NARROWEST_PX, WIDEST_PX = 12, 200
LARGEST_SCALE, SMALLEST_SCALE = 4.0, 0.25
BACKGROUND_SHARE = 0.12


# The dashcam photos' labels were made on a picture three quarters as wide: without this each box lies left of its plate
# (seen on every one of 26 that were looked at; with it each lies on its plate).
RIDE_STRETCH = 4 / 3


class Photo:
    def __init__(self, file, boxes):
        self.file, self.image = file, cv2.imread(str(file))
        self.boxes = np.array(boxes, np.float32).reshape(-1, 4)


def plate_photos(folder):
    document = json.loads((folder / "_annotations.coco.json").read_text())
    plate = next(c["id"] for c in document["categories"] if c["name"] == "plate")
    stretch = {i["id"]: RIDE_STRETCH if i["file_name"].startswith("ride_") else 1.0 for i in document["images"]}
    boxes = {}
    for annotation in document["annotations"]:
        if annotation["category_id"] == plate:
            x, y, w, h = annotation["bbox"]
            x, w = x * stretch[annotation["image_id"]], w * stretch[annotation["image_id"]]
            boxes.setdefault(annotation["image_id"], []).append([x, y, x + w, y + h])
    return [Photo(folder / i["file_name"], boxes.get(i["id"], [])) for i in document["images"]]


def draw(rng, photo, size):
    """A square sample around one of the photo's plates, or of anything else: canvas and targets."""
    rows, columns = photo.image.shape[:2]
    if len(photo.boxes) and rng.random() >= BACKGROUND_SHARE:
        x1, y1, x2, y2 = photo.boxes[rng.integers(len(photo.boxes))]
        wanted = np.exp(rng.uniform(np.log(NARROWEST_PX), np.log(WIDEST_PX)))
        scale = np.clip(wanted / max(x2 - x1, 1), SMALLEST_SCALE, LARGEST_SCALE)
        source = np.array([(x1 + x2) / 2, (y1 + y2) / 2])
        margin = min(0.5, (wanted / 2 + 4) / size)
        at = rng.uniform(margin, 1 - margin, 2) * size
    else:
        scale = np.exp(rng.uniform(np.log(0.4), np.log(2.5)))
        source = rng.uniform(0, 1, 2) * (columns, rows)
        at = np.array([size / 2, size / 2])
    aspect = np.exp(rng.uniform(-0.12, 0.12))
    angle = np.deg2rad(rng.uniform(-8, 8))
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turned @ np.diag([scale * aspect * (-1 if rng.random() < 0.3 else 1), scale / aspect])
    matrix = np.concatenate((linear, (at - linear @ source)[:, None]), 1).astype(np.float32)
    image, local = photo.image, matrix
    if scale < 0.6:
        image = cv2.resize(image, None, fx=scale * 1.3, fy=scale * 1.3, interpolation=cv2.INTER_AREA)
        local = matrix.copy()
        local[:, :2] /= scale * 1.3
    canvas = cv2.warpAffine(image, local, (size, size), flags=cv2.INTER_LINEAR, borderValue=PAD)
    kept, ignored = [], []
    for x1, y1, x2, y2 in photo.boxes:
        corners = np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float32) @ matrix[:, :2].T + matrix[:, 2]
        low, high = corners.min(0), corners.max(0)
        seen_low, seen_high = np.clip(low, 0, size), np.clip(high, 0, size)
        share = np.prod(seen_high - seen_low) / max(np.prod(high - low), 1e-6)
        if share <= 0:
            continue
        readable = share >= KEPT_SHARE and (seen_high - seen_low).min() >= 3
        (kept if readable else ignored).append([*seen_low, *seen_high])
    return recolour(rng, canvas), dict(
        classes=np.zeros(len(kept), np.int64),
        boxes=np.array(kept, np.float32).reshape(-1, 4),
        ignored=np.array(ignored, np.float32).reshape(-1, 4),
    )
