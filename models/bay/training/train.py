"""Fine-tunes YOLOX-nano to two classes, person and vehicle, on two processor cores.

    python train.py --labels WORK/pictures.json --rendered DIR… --rendered-valid DIR --init yolox_nano.onnx --out RUN

Two processes of one thread each, gradients averaged; bf16 for the network, fp32 for the loss. The schedule runs by
time (`--minutes`), so a busy machine makes fewer steps, not a longer run. RUN/last.pt always holds the newest averaged weights.
"""

import argparse
import copy
import json
import math
import os
import pathlib
import sys
import time

import cv2
import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as multiprocessing

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "training"))

from detect import average_precision, boxes_and_scores, letterbox, raw_output, suppress
from label import COCO_CAR, COCO_PERSON
from loss import detection_loss
from network import YoloxNano, load_onnx, restore_batch_norm
from pictures import REPEATS, real_pictures, rendered_pictures, sample

PROCESSES = 2
CLASSES = ("person", "vehicle")
SEED = 20261121


def options_from_command_line():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=pathlib.Path, required=True)
    parser.add_argument("--rendered", type=pathlib.Path, nargs="+", required=True)
    parser.add_argument("--rendered-valid", type=pathlib.Path, required=True)
    parser.add_argument("--init", type=pathlib.Path, required=True)
    parser.add_argument("--resume", type=pathlib.Path, help="begin with the weights of a checkpoint instead of --init")
    parser.add_argument("--rendered-repeats", type=float, default=REPEATS["rendered"], help="per epoch")
    parser.add_argument("--sizes", type=int, nargs="+", help="input sizes throughout, instead of small ones first")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--batch", type=int, default=12, help="samples per process and step")
    parser.add_argument("--rate", type=float, default=1.2e-3, help="peak learning rate")
    parser.add_argument("--warm-up", type=int, default=60, help="steps until the rate is reached")
    parser.add_argument("--decay", type=float, default=0.03)
    parser.add_argument("--evaluate-every", type=float, default=10, help="minutes")
    parser.add_argument("--port", type=int, default=29517)
    return parser.parse_args()


def starting_network(options, pictures):
    network = YoloxNano(len(CLASSES))
    if options.resume:
        network.load_state_dict(torch.load(options.resume, weights_only=True)["weights"])
        return network.to(memory_format=torch.channels_last)
    # Cars are most vehicles; the mean over cars, lorries and buses would begin far less sure of any of them.
    load_onnx(network, options.init, class_rows=[[COCO_PERSON], [COCO_CAR]])
    rng = np.random.default_rng(SEED)
    batches = []
    for _ in range(3):
        canvases = [sample(rng, pictures, int(i), 384, False)[0] for i in rng.integers(0, len(pictures), 32)]
        batches.append(torch.tensor(np.stack(canvases).transpose(0, 3, 1, 2), dtype=torch.float32))
    restore_batch_norm(network, batches)
    return network.to(memory_format=torch.channels_last)


def parameter_groups(network, decay):
    """Weights decay, norms and biases do not; the new class predictors learn twice as fast."""
    new, weights, rest = [], [], []
    for name, parameter in network.named_parameters():
        if parameter.ndim <= 1:
            rest.append(parameter)
        elif name.startswith("class_predictors"):
            new.append(parameter)
        else:
            weights.append(parameter)
    return [
        dict(params=weights, factor=1.0, weight_decay=decay),
        dict(params=rest, factor=1.0, weight_decay=0.0),
        dict(params=new, factor=2.0, weight_decay=decay),
    ]


def input_size(rng, done, sizes):
    """Small pictures first, as they cost less than half."""
    if sizes:
        return int(rng.choice(sizes))
    if done < 0.5:
        return int(rng.choice([256, 288, 320]))
    if done < 0.8:
        return int(rng.choice([288, 320, 352, 384]))
    return int(rng.choice([352, 384, 416]))


def mosaic_share(done):
    return 0.5 if done < 0.6 else 0.3 if done < 0.85 else 0.0


def evaluate(network, pictures, rank):
    """COCO results of every second picture, at the shipped input size."""
    network.eval()
    rows = []
    for index in range(rank, len(pictures), PROCESSES):
        canvas, scale = letterbox(pictures[index].image, 416)
        boxes, scores = boxes_and_scores(raw_output(network, canvas), 416, scale)
        for x1, y1, x2, y2, score, label in suppress(boxes, scores, 0.01, 0.6).tolist():
            rows.append(dict(image_id=index, category_id=int(label), bbox=[x1, y1, x2 - x1, y2 - y1], score=score))
    return rows


def truth_document(pictures, part):
    images, annotations = [], []
    for index, picture in enumerate(pictures):
        if picture.part != part:
            continue
        images.append(dict(id=index))
        everything = [(b, int(c), 0) for b, c in zip(picture.boxes.tolist(), picture.classes)]
        everything += [(b, c, 1) for b in picture.ignored.tolist() for c in range(len(CLASSES))]
        for (x1, y1, x2, y2), label, ignored in everything:
            w, h = x2 - x1, y2 - y1
            annotations.append(
                dict(id=len(annotations) + 1, image_id=index, category_id=label, bbox=[x1, y1, w, h], area=w * h, iscrowd=ignored)
            )
    categories = [dict(id=i, name=name) for i, name in enumerate(CLASSES)]
    return dict(images=images, annotations=annotations, categories=categories)


def report(pictures, rows):
    for part in sorted({p.part for p in pictures}):
        document = truth_document(pictures, part)
        ids = {image["id"] for image in document["images"]}
        figures = average_precision(document, [r for r in rows if r["image_id"] in ids], range(len(CLASSES)))
        text = "  ".join(f"{CLASSES[c]} AP50 {100 * a:.1f} AP {100 * b:.1f}" for c, (a, b) in figures.items())
        print(f"    {part:30} {text}", flush=True)


def worker(rank, options, pictures, validation):
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(options.port))
    dist.init_process_group("gloo", rank=rank, world_size=PROCESSES)
    torch.manual_seed(SEED)
    network = starting_network(options, pictures).train()
    averaged = copy.deepcopy(network).eval()
    floats = lambda net: [*net.parameters(), *[b for b in net.buffers() if b.dtype == torch.float32]]
    averaged_state, state = floats(averaged), floats(network)
    for parameter in averaged.parameters():
        parameter.requires_grad_(False)
    optimiser = torch.optim.AdamW(parameter_groups(network, options.decay), lr=options.rate, betas=(0.9, 0.99))
    parameters = list(network.parameters())
    often = {**REPEATS, "rendered": options.rendered_repeats}
    repeats = np.array([often[p.part] for p in pictures])
    shared = np.random.default_rng(SEED + 1)
    own = np.random.default_rng(SEED + 100 + rank)
    began, evaluating, last_evaluation = time.time(), 0.0, 0.0

    def agreed(value):
        tensor = torch.tensor([value], dtype=torch.float64)
        dist.broadcast(tensor, 0)
        return float(tensor)

    elapsed = lambda: time.time() - began - evaluating
    done, step, epoch = 0.0, 0, 0
    while done < 1:
        order = np.repeat(np.arange(len(pictures)), np.floor(repeats + shared.random(len(repeats))).astype(int))
        shared.shuffle(order)
        both = options.batch * PROCESSES
        epoch_began, sums, steps = time.time(), np.zeros(5), 0
        for batch in range(len(order) // both):
            if step % 5 == 0:
                done = agreed(elapsed()) / (options.minutes * 60)
            if done >= 1:
                break
            size, mosaic = input_size(shared, done, options.sizes), mosaic_share(done)
            mine = order[batch * both + rank * options.batch :][: options.batch]
            canvases, targets = [], []
            for index in mine:
                canvas, classes, boxes, ignored = sample(own, pictures, int(index), size, own.random() < mosaic)
                canvases.append(canvas)
                targets.append(tuple(torch.from_numpy(a) for a in (classes, boxes, ignored)))
            x = torch.from_numpy(np.stack(canvases)).permute(0, 3, 1, 2).float()
            x = x.contiguous(memory_format=torch.channels_last)
            rate = options.rate * min(1, step / options.warm_up) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(done, 1))))
            for group in optimiser.param_groups:
                group["lr"] = rate * group["factor"]
            with torch.autocast("cpu", torch.bfloat16):
                raw = network(x)
            loss, parts = detection_loss(raw.float(), targets, size, len(CLASSES))
            optimiser.zero_grad()
            loss.backward()
            average_gradients(parameters)
            optimiser.step()
            step += 1
            steps += 1
            keep = 0.995 * (1 - math.exp(-step / 100))
            torch._foreach_lerp_(averaged_state, state, 1 - keep)
            sums += np.array([float(loss.detach()), *parts])
            if rank == 0 and (step <= 100 and step % 20 == 0):
                print(f"step {step} size {size} loss {float(loss.detach()):.3f} {elapsed():.0f} s", flush=True)
        epoch += 1
        if rank == 0 and steps:
            seconds = time.time() - epoch_began
            means = " ".join(f"{v:.3f}" for v in sums / steps)
            print(f"epoch {epoch} step {step} done {done:.3f} {steps * both / seconds:.1f} pictures/s loss/objectness/box/class/positives {means}", flush=True)
        due = agreed(1.0 if done >= 1 or elapsed() - last_evaluation > options.evaluate_every * 60 else 0.0)
        if due:
            paused = time.time()
            save_and_report(rank, options, averaged, validation, dict(epoch=epoch, step=step, done=done))
            evaluating += time.time() - paused
            last_evaluation = elapsed()
    dist.destroy_process_group()


def average_gradients(parameters):
    """One flat all-reduce, then a clip of the norm at 35 as YOLOX trainings need in their first steps."""
    flat = torch.cat([p.grad.reshape(-1) for p in parameters])
    dist.all_reduce(flat)
    flat /= PROCESSES
    norm = float(flat.norm())
    flat *= min(1.0, 35 / (norm + 1e-6)) if math.isfinite(norm) else 0.0
    offset = 0
    for parameter in parameters:
        count = parameter.numel()
        parameter.grad.copy_(flat[offset : offset + count].view_as(parameter))
        offset += count


def save_and_report(rank, options, averaged, validation, progress):
    checkpoint = options.out / "last.pt"
    if rank == 0:
        torch.save(dict(weights=averaged.state_dict(), **progress), checkpoint.with_suffix(".new"))
        os.replace(checkpoint.with_suffix(".new"), checkpoint)
    dist.barrier()
    (options.out / f"results-{rank}.json").write_text(json.dumps(evaluate(averaged, validation, rank)))
    dist.barrier()
    if rank == 0:
        print(f"  evaluation after {progress}", flush=True)
        rows = [row for r in range(PROCESSES) for row in json.loads((options.out / f"results-{r}.json").read_text())]
        report(validation, rows)
    dist.barrier()


def main():
    options = options_from_command_line()
    options.out.mkdir(parents=True, exist_ok=True)
    # Before the first picture is decoded: a forked process would wait for ever for OpenCV's threads, which it has not got.
    cv2.setNumThreads(1)
    pictures = real_pictures(options.labels, "train")
    for folder in options.rendered:
        pictures.extend(rendered_pictures(folder))
    validation = real_pictures(options.labels, "valid") + rendered_pictures(options.rendered_valid)
    print(f"{len(pictures)} pictures to train on, {len(validation)} to validate", flush=True)
    multiprocessing.set_start_method("fork")
    processes = [multiprocessing.Process(target=worker, args=(r, options, pictures, validation)) for r in range(PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit("a training process failed; see the messages above")


if __name__ == "__main__":
    main()
