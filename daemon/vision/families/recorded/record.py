"""Asks the tiny networks of recorded.test.ts what they say, by onnxruntime and OpenCV, and prints the answers as JSON.

Called by the test itself (RECORD_WITH=python3 npx vitest run --project parts daemon/vision/families/recorded). The steps around
the networks are written anew here, after the papers and the makers' conventions, and share nothing with the gateway's own.
"""

import itertools
import json
import sys
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort

folder = Path(sys.argv[1])
tasks = json.loads((folder / "tasks.json").read_text())


def network(path):
    return ort.InferenceSession(str(folder / path), providers=["CPUExecutionProvider"])


def picture(name):
    return cv2.imread(str(folder / name), cv2.IMREAD_COLOR)[:, :, ::-1]


def planes(image):
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None], dtype=np.float32)


def segment(task, side=64):
    image = picture(task["picture"])
    height, width = image.shape[:2]
    scale = side / max(height, width)
    new_height, new_width = int(height * scale + 0.5), int(width * scale + 0.5)
    small = cv2.resize(image, (new_width, new_height), interpolation=cv2.INTER_AREA).astype(np.float32)
    small = (small - [123.675, 116.28, 103.53]) / [58.395, 57.12, 57.375]
    padded = np.zeros((side, side, 3), np.float32)
    padded[:new_height, :new_width] = small
    embedding = network("sam/model.onnx").run(None, {"image": planes(padded)})[0]
    decoder = network("sam/decoder.onnx")
    answers = []
    for prompt in task["prompts"]:
        places = [(p["x"], p["y"]) for p in prompt.get("points", [])]
        labels = [1 if p["inside"] else 0 for p in prompt.get("points", [])]
        if "box" in prompt:
            x1, y1, x2, y2 = prompt["box"]
            places += [(x1, y1), (x2, y2)]
            labels += [2, 3]
        else:
            places.append((0, 0))
            labels.append(-1)
        coords = np.array(places, np.float32) * [new_width / width, new_height / height]
        low, ious = decoder.run(
            ["low_res_masks", "iou_predictions"],
            {
                "image_embeddings": embedding,
                "point_coords": coords[None].astype(np.float32),
                "point_labels": np.array([labels], np.float32),
                "mask_input": np.zeros((1, 1, 64, 64), np.float32),
                "has_mask_input": np.zeros(1, np.float32),
                "orig_im_size": np.array([side, side], np.float32),
            },
        )
        best = int(np.argmax(ious[0]))
        mask = cv2.resize(low[0, best], (side, side), interpolation=cv2.INTER_LINEAR)[:new_height, :new_width]
        inside = cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR) > 0
        # Lengths of runs, outside first, row by row.
        runs = [(value, len(list(run))) for value, run in itertools.groupby(inside.ravel().tolist())]
        counts = ([0] if runs[0][0] else []) + [length for _, length in runs]
        answers.append({"iou": float(ious[0, best]), "counts": counts})
    return answers


def ordered(corners):
    left, right = np.split(corners[np.argsort(corners[:, 0], kind="stable")], 2)
    left, right = left[np.argsort(left[:, 1])], right[np.argsort(right[:, 1])]
    return np.array([left[0], right[0], right[1], left[1]], np.float32)


def read(task, side=320):
    image = picture(task["picture"])
    height, width = image.shape[:2]
    padded = np.zeros((side, side, 3), np.float32)
    padded[:height, :width] = image / 255
    text_map = network("finder/model.onnx").run(None, {"image": planes(padded)})[0][0, 0]
    count, patches = cv2.connectedComponents((text_map > 0.3).astype(np.uint8), connectivity=8)
    recogniser = network("recogniser/model.onnx")
    answers = []
    for patch in range(1, count):
        ys, xs = np.nonzero(patches == patch)
        # Pixels as squares, not as points.
        squares = np.concatenate([np.stack([xs + dx, ys + dy], 1) for dx in (0, 1) for dy in (0, 1)]).astype(np.float32)
        centre, (w, h), angle = cv2.minAreaRect(squares)
        grown = w * h * 1.5 / (2 * (w + h))
        quad = ordered(cv2.boxPoints((centre, (w + 2 * grown, h + 2 * grown), angle)))
        quad = np.clip(quad, 0, [width, height]).astype(np.float32)
        across = int(max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[2] - quad[3])))
        down = int(max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2])))
        target = np.array([[0, 0], [across, 0], [across, down], [0, down]], np.float32)
        turned = cv2.getPerspectiveTransform(quad, target)
        cut = cv2.warpPerspective(image, turned, (across, down), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        if down / across >= 1.5:
            cut = np.rot90(cut)
        line_width = min(320, int(np.ceil(48 * cut.shape[1] / cut.shape[0])))
        line = np.zeros((48, 320, 3), np.float32)
        line[:, :line_width] = (cv2.resize(np.ascontiguousarray(cut), (line_width, 48)) / 255 - 0.5) / 0.5
        classes = recogniser.run(None, {"image": planes(line)})[0][0]
        best, probability = classes.argmax(1), classes.max(1)
        kept = [t for t in range(len(best)) if best[t] != 0 and (t == 0 or best[t] != best[t - 1])]
        answers.append(
            {
                "text": "".join(task["characters"][best[t] - 1] for t in kept),
                "confidence": float(np.mean([probability[t] for t in kept])) if kept else 0.0,
                "quad": [round(float(value), 2) for value in quad.ravel()],
                "found": float(text_map[patches == patch].mean()),
            }
        )
    return answers


def embed(task, side=64):
    session = network("embedding/model.onnx")
    answers = []
    for name in task["pictures"]:
        small = cv2.resize(picture(name), (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        vector = session.run(None, {"image": planes(small)})[0].ravel()
        answers.append((vector / np.linalg.norm(vector)).tolist())
    return {"vectors": answers, "likeness": float(np.dot(answers[0], answers[1]))}


print(json.dumps({"segment": segment(tasks["segment"]), "read": read(tasks["read"]), "embed": embed(tasks["embed"])}))
