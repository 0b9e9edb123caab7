"""What other cameras and other light do to a picture."""

import cv2
import numpy as np


def recolour(rng, image):
    """Hue, saturation, brightness; now and then grey, dim, soft, noisy or badly compressed, as other cameras are."""
    hue, saturation, value = rng.uniform(-1, 1, 3) * (0.02, 0.6, 0.45) + 1
    h, s, v = cv2.split(cv2.cvtColor(image, cv2.COLOR_BGR2HSV))
    x = np.arange(256)
    h = cv2.LUT(h, ((x * hue) % 180).astype(np.uint8))
    s = cv2.LUT(s, (x * saturation).clip(0, 255).astype(np.uint8))
    v = cv2.LUT(v, (255 * (x / 255) ** np.exp(rng.uniform(-0.3, 0.3)) * value).clip(0, 255).astype(np.uint8))
    image = cv2.cvtColor(cv2.merge((h, s, v)), cv2.COLOR_HSV2BGR)
    if rng.random() < 0.04:
        image = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    chance = rng.random()
    if chance < 0.08:
        image = cv2.GaussianBlur(image, (3, 3), 0)
    elif chance < 0.16:
        image = cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 75))])[1], 1)
    elif chance < 0.22:
        noise = rng.normal(0, rng.uniform(3, 12), image.shape[:2])[..., None]
        image = (image + noise).clip(0, 255).astype(np.uint8)
    return image
