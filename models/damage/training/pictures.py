"""The damage photos and the whole-car photos, and the training samples made of them.

A sample is one of: a damage photo (scaled, turned, mirrored); a whole car with damage cut out of other photos pasted onto
it, small as a camera some metres away sees it; or a mosaic of four of these.
"""

import json

import cv2
import numpy as np

from colour import recolour

# Roboflow's category names, and ours in the same order: the order of the network's classes.
SOURCE_NAMES = ("cizik", "gocuk", "kirik-kayip", "astar", "far_hasar", "cam_catlagi", "airbag", "kaput_hasar")
CLASSES = (
    "scratch",
    "dent",
    "broken-or-missing",
    "exposed-primer",
    "lamp-damage",
    "cracked-glass",
    "deployed-airbag",
    "bonnet-damage",
)
PAD = (114, 114, 114)
# Of a box cut by the edge at least this share must be left; less becomes an ignored region.
KEPT_SHARE = 0.3
SMALLEST_SIDE_PX = 4

# What may be pasted where, and how often. Onto whole cars: what can sit anywhere on a body. Onto damage photos: the rare.
ON_CARS = {"scratch": 0.45, "dent": 0.25, "broken-or-missing": 0.15, "exposed-primer": 0.15}
ON_PHOTOS = {"scratch": 0.2, "dent": 0.2, "exposed-primer": 0.25, "lamp-damage": 0.15, "bonnet-damage": 0.2}


class Photo:
    """A picture [h, w, 3] with its damage: a list of (class, polygons [n, 2] in pixels), and boxes of whole vehicles."""

    def __init__(self, image, damage, vehicles):
        self.image, self.damage, self.vehicles = image, damage, vehicles


def damage_photos(folder):
    document = json.loads((folder / "_annotations.coco.json").read_text())
    class_of = {c["id"]: SOURCE_NAMES.index(c["name"]) for c in document["categories"] if c["name"] in SOURCE_NAMES}
    damage = {}
    for annotation in document["annotations"]:
        polygons = [np.array(p, np.float32).reshape(-1, 2) for p in annotation["segmentation"] if len(p) >= 6]
        if not polygons:
            x, y, w, h = annotation["bbox"]
            polygons = [np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float32)]
        damage.setdefault(annotation["image_id"], []).append((class_of[annotation["category_id"]], polygons))
    return [
        Photo(cv2.imread(str(folder / i["file_name"])), damage.get(i["id"], []), np.zeros((0, 4), np.float32))
        for i in document["images"]
    ]


def car_photos(folder):
    """Street and dashcam photos with whole cars; `vehicle` boxes where somebody drew them."""
    document = json.loads((folder / "_annotations.coco.json").read_text())
    vehicle = next(c["id"] for c in document["categories"] if c["name"] == "vehicle")
    boxes = {}
    for annotation in document["annotations"]:
        if annotation["category_id"] == vehicle:
            x, y, w, h = annotation["bbox"]
            boxes.setdefault(annotation["image_id"], []).append([x, y, x + w, y + h])
    return [
        Photo(cv2.imread(str(folder / i["file_name"])), [], np.array(boxes.get(i["id"], []), np.float32).reshape(-1, 4))
        for i in document["images"]
    ]


class Cutouts:
    """Damage cut out of the photos, with some of what surrounds it, by class."""

    def __init__(self, photos):
        self.photos = photos
        self.of_class = [[] for _ in CLASSES]
        for p, photo in enumerate(photos):
            for label, polygons in photo.damage:
                low, high = bounds(polygons)
                if (high - low).min() >= 16 and (high - low).max() <= 420:
                    self.of_class[label].append((p, polygons))

    def draw(self, rng, shares):
        names = list(shares)
        label = CLASSES.index(names[rng.choice(len(names), p=np.array(list(shares.values())) / sum(shares.values()))])
        photo, polygons = self.of_class[label][rng.integers(len(self.of_class[label]))]
        return label, self.photos[photo].image, polygons


class Canvas:
    """A sample being made: pixels, damage so far, regions that must not teach, classes that may be there unseen."""

    def __init__(self, size):
        self.size = size
        self.image = np.full((size, size, 3), 114, np.uint8)
        self.damage, self.ignored, self.unsure = [], [], set()

    def add(self, label, polygons, tile):
        """Takes polygons in canvas pixels, clipped to the tile (x0, y0, x1, y1)."""
        low, high = bounds(polygons)
        clipped = [np.clip(p, tile[:2], tile[2:]).astype(np.float32) for p in polygons]
        seen_low, seen_high = bounds(clipped)
        width, height = seen_high - seen_low
        if min(width, height) < SMALLEST_SIDE_PX or width * height < KEPT_SHARE * np.prod(high - low):
            if width > 0 and height > 0:
                self.ignored.append((*seen_low, *seen_high))
                self.unsure.add(label)
            return
        self.damage.append((label, clipped))


def bounds(polygons):
    points = np.concatenate(polygons)
    return points.min(0), points.max(0)


def moved(polygons, matrix):
    return [p @ matrix[:, :2].T + matrix[:, 2] for p in polygons]


def placement(rng, photo, size, tile, low, high, turn):
    """A random 2 × 3 matrix: photo pixels to canvas pixels, the photo `low` to `high` times as large as the sample."""
    rows, columns = photo.image.shape[:2]
    base = size / max(rows, columns) * np.exp(rng.uniform(np.log(low), np.log(high)))
    aspect = np.exp(rng.uniform(-0.14, 0.14))
    sx, sy = base * aspect, base / aspect
    angle = np.deg2rad(rng.uniform(-turn, turn))
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turned @ np.diag([-sx if rng.random() < 0.5 else sx, sy])
    free_x, free_y = tile[2] - tile[0] - columns * sx, tile[3] - tile[1] - rows * sy
    left = tile[0] + rng.uniform(min(0, free_x), max(0, free_x))
    top = tile[1] + rng.uniform(min(0, free_y), max(0, free_y))
    centre = np.array([left + columns * sx / 2, top + rows * sy / 2]) - linear @ np.array([columns / 2, rows / 2])
    return np.concatenate((linear, centre[:, None]), 1).astype(np.float32)


def draw(canvas, photo, matrix, tile):
    x0, y0, x1, y1 = tile
    local = matrix.copy()
    local[:, 2] -= (x0, y0)
    canvas.image[y0:y1, x0:x1] = cv2.warpAffine(
        photo.image, local, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR, borderValue=PAD
    )
    for label, polygons in photo.damage:
        canvas.add(label, moved(polygons, matrix), tile)


def paste(rng, canvas, cutout, centre, longest_px, tile):
    """Blends one cut-out into the canvas: feathered, its surroundings' colour shifted to that of the place."""
    label, source, polygons = cutout
    low, high = bounds(polygons)
    scale = longest_px / (high - low).max()
    angle = np.deg2rad(rng.uniform(-25, 25))
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
    linear = turned @ np.diag([-1.0 if rng.random() < 0.5 else 1.0, 1.0])
    matrix = np.concatenate((linear, (np.array(centre) - linear @ ((low + high) / 2))[:, None]), 1).astype(np.float32)
    placed = moved(polygons, matrix)
    low, high = bounds(placed)
    margin = max(3, 0.15 * longest_px)
    x0, y0 = np.maximum(np.floor(low - margin), tile[:2]).astype(int)
    x1, y1 = np.minimum(np.ceil(high + margin), tile[2:]).astype(int)
    if x1 - x0 < 6 or y1 - y0 < 6:
        return
    local = matrix.copy()
    local[:, 2] -= (x0, y0)
    # Shrunk first where it shrinks much: bilinear sampling alone would alias.
    shrink = min(1.0, max(scale * 1.5, 0.05))
    if shrink < 0.7:
        source = cv2.resize(source, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        local[:, :2] /= shrink
    patch = cv2.warpAffine(source, local, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT).astype(np.float32)
    inside = np.zeros((y1 - y0, x1 - x0), np.uint8)
    for polygon in placed:
        cv2.fillPoly(inside, [np.round((polygon - (x0, y0)) * 16).astype(np.int32)], 255, shift=4)
    reach = max(1, int(margin * 0.4))
    grown = cv2.dilate(inside, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    alpha = cv2.GaussianBlur(grown, (0, 0), reach * 0.6 + 0.3).astype(np.float32)[..., None] / 255
    place = canvas.image[y0:y1, x0:x1].astype(np.float32)
    around = inside == 0
    if around.sum() > 8:
        patch += (place[around].mean(0) - patch[around].mean(0)) * rng.uniform(0.6, 1.0)
    canvas.image[y0:y1, x0:x1] = (place + (patch - place) * alpha).clip(0, 255).astype(np.uint8)
    canvas.add(label, placed, tile)


def draw_car(rng, canvas, photo, cutouts, tile):
    """A whole car (or a piece of street) in a tile, most often with one to five small marks pasted onto it."""
    rows, columns = photo.image.shape[:2]
    tile_size = max(tile[2] - tile[0], tile[3] - tile[1])
    sized = [v for v in photo.vehicles if min(v[2] - v[0], v[3] - v[1]) >= 60]
    if sized:
        vehicle = sized[rng.integers(len(sized))]
        window = max(vehicle[2] - vehicle[0], vehicle[3] - vehicle[1]) * rng.uniform(0.8, 1.9)
        middle = (vehicle[:2] + vehicle[2:]) / 2
    else:
        vehicle = None
        window = min(rows, columns) * rng.uniform(0.5, 1.0)
        middle = np.array([rng.uniform(0.2, 0.8) * columns, rng.uniform(0.3, 0.7) * rows])
    sx = tile_size / window * np.exp(rng.uniform(-0.12, 0.12))
    sy = tile_size / window * np.exp(rng.uniform(-0.12, 0.12))
    linear = np.diag([-sx if rng.random() < 0.5 else sx, sy])
    tile_middle = np.array([(tile[0] + tile[2]) / 2, (tile[1] + tile[3]) / 2]) + rng.uniform(-0.1, 0.1, 2) * tile_size
    matrix = np.concatenate((linear, (tile_middle - linear @ middle)[:, None]), 1).astype(np.float32)
    draw(canvas, photo, matrix, tile)
    if vehicle is None or rng.random() < 0.15:
        return
    corners = moved([np.array([vehicle[:2], vehicle[2:]])], matrix)[0]
    low = np.maximum(corners.min(0), tile[:2])
    high = np.minimum(corners.max(0), tile[2:])
    if (high - low).min() < 20:
        return
    length = (corners.max(0) - corners.min(0)).max()
    for _ in range(rng.integers(1, 6)):
        longest = max(7.0, length * np.exp(rng.uniform(np.log(0.04), np.log(0.3))))
        # The lower two thirds of the box are body, the upper third is mostly glass and roof.
        centre = low + (high - low) * (rng.uniform(0.1, 0.9), rng.uniform(0.3, 0.85))
        paste(rng, canvas, cutouts.draw(rng, ON_CARS), centre, longest, tile)


class Sampler:
    def __init__(self, photos, cars):
        self.photos, self.cutouts = photos, Cutouts(photos)
        self.cars_with_boxes = [c for c in cars if len(c.vehicles)]
        self.other_cars = [c for c in cars if not len(c.vehicles)]

    def car(self, rng):
        pool = self.cars_with_boxes if rng.random() < 0.85 else self.other_cars
        return pool[rng.integers(len(pool))]

    def draw(self, rng, index, size, mosaic, cars):
        """One sample around photo `index`: canvas [size, size, 3] and its targets. `mosaic` and `cars` are probabilities:
        of a mosaic, and of a whole car instead of a photo."""
        canvas = Canvas(size)
        whole = (0, 0, size, size)
        if rng.random() < mosaic:
            cx, cy = (rng.uniform(0.35, 0.65, 2) * size).astype(int)
            tiles = [(0, 0, cx, cy), (cx, 0, size, cy), (0, cy, cx, size), (cx, cy, size, size)]
            rng.shuffle(tiles)
            for i, tile in enumerate(map(tuple, tiles)):
                if i and rng.random() < cars:
                    draw_car(rng, canvas, self.car(rng), self.cutouts, tile)
                else:
                    photo = self.photos[index if i == 0 else rng.integers(len(self.photos))]
                    draw(canvas, photo, placement(rng, photo, size, tile, 0.35, 0.9, 0), tile)
        elif rng.random() < cars:
            draw_car(rng, canvas, self.car(rng), self.cutouts, whole)
        else:
            photo = self.photos[index]
            # A fifth is seen close, as a tile of a large photo is.
            low, high = (1.4, 2.2) if rng.random() < 0.2 else (0.75, 1.4)
            draw(canvas, photo, placement(rng, photo, size, whole, low, high, 8), whole)
            if rng.random() < 0.15:
                centre = rng.uniform(0.15, 0.85, 2) * size
                longest = size * np.exp(rng.uniform(np.log(0.08), np.log(0.4)))
                paste(rng, canvas, self.cutouts.draw(rng, ON_PHOTOS), centre, longest, whole)
        return recolour(rng, canvas.image), targets(canvas)


def targets(canvas):
    count, cells = len(canvas.damage), canvas.size // 4
    masks = np.zeros((count, cells, cells), np.uint8)
    boxes = np.zeros((count, 4), np.float32)
    presence = np.zeros(len(CLASSES), np.float32)
    presence[list(canvas.unsure)] = -1
    for i, (label, polygons) in enumerate(canvas.damage):
        boxes[i] = np.concatenate(bounds(polygons))
        presence[label] = 1
        for polygon in polygons:
            # Mask cells are 4 × 4 pixels: cell centres at 4i + 2. 16ths for the sub-pixel corner coordinates.
            cv2.fillPoly(masks[i], [np.round((polygon / 4 - 0.5) * 16).astype(np.int32)], 1, shift=4)
    return dict(
        classes=np.array([label for label, _ in canvas.damage], np.int64),
        boxes=boxes,
        masks=masks,
        ignored=np.array(canvas.ignored, np.float32).reshape(-1, 4),
        presence=presence,
    )


def repeat_factors(photos, threshold=0.15):
    """How often each photo is drawn per epoch: rare classes more often (Gupta et al. 2019, LVIS)."""
    labels = [{label for label, _ in photo.damage} for photo in photos]
    share = np.array([sum(c in l for l in labels) for c in range(len(CLASSES))]) / len(photos)
    factor = np.maximum(1, np.sqrt(threshold / share))
    return np.array([max((factor[c] for c in l), default=1.0) for l in labels])
