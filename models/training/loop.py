"""The training loop that the detectors share: two processes of one thread that train by themselves and meet every few
seconds to average their weights (local SGD, Stich 2019). On a machine that others use as well neither waits for the other.

bf16 for the network, fp32 for the loss; the weights that ship are averaged over time as well. The schedule runs by the clock (`minutes`), so that a busy machine makes fewer
steps, not a longer run; time spent evaluating does not count. `last.pt` in the run's folder is written every few minutes
and holds all that `--resume` needs.
"""

import copy
import math
import os
import time

import cv2
import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as multiprocessing

PROCESSES = 2
MEET_EVERY_SECONDS = 10
# YOLOX trainings need a clip in their first steps.
LARGEST_NORM = 35


class Task:
    """What one model adds to the loop. Subclasses keep their pictures as attributes: processes are forked, memory is shared."""

    new_parts = ()

    def start(self):
        """The network to begin with."""
        raise NotImplementedError

    def epoch(self, rng):
        """Indices of one epoch's samples, in any order."""
        raise NotImplementedError

    def input_size(self, rng, done):
        """Input size of the next step, a multiple of 32; `done` runs from 0 to 1."""
        raise NotImplementedError

    def sample(self, rng, index, size, done):
        """(canvas [size, size, 3] uint8, targets: a dict of arrays)."""
        raise NotImplementedError

    def loss(self, outputs, targets, size):
        """(loss, parts as floats)."""
        raise NotImplementedError

    def evaluate(self, network, rank):
        """This process's share of the validation, as anything that can be pickled."""
        raise NotImplementedError

    def report(self, shares):
        """One line of figures."""
        raise NotImplementedError


def add_options(parser):
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--batch", type=int, default=12, help="samples per process and step")
    parser.add_argument("--rate", type=float, default=2.5e-3, help="peak learning rate")
    parser.add_argument("--warm-up", type=int, default=200, help="steps until the rate is reached")
    parser.add_argument("--decay", type=float, default=0.03)
    parser.add_argument("--average", type=float, default=0.998, help="share kept by the averaged weights per step")
    parser.add_argument("--evaluate-every", type=float, default=10, help="minutes")
    parser.add_argument("--save-every", type=float, default=4, help="minutes")
    parser.add_argument("--resume", action="store_true", help="go on from last.pt in the run's folder")
    parser.add_argument("--seed", type=int, default=20261125)
    parser.add_argument("--port", type=int, default=29521)


def parameter_groups(network, decay, new_parts):
    """Weights decay, norms and biases do not; new parts learn twice as fast."""
    new, weights, rest = [], [], []
    for name, parameter in network.named_parameters():
        if parameter.ndim <= 1:
            rest.append(parameter)
        elif name.startswith(new_parts) if new_parts else False:
            new.append(parameter)
        else:
            weights.append(parameter)
    return [
        dict(params=weights, factor=1.0, weight_decay=decay),
        dict(params=rest, factor=1.0, weight_decay=0.0),
        dict(params=new, factor=2.0, weight_decay=decay),
    ]


def average_over_processes(tensors):
    flat = torch.cat([t.detach().reshape(-1) for t in tensors])
    dist.all_reduce(flat)
    flat /= PROCESSES
    offset = 0
    with torch.no_grad():
        for tensor in tensors:
            count = tensor.numel()
            tensor.copy_(flat[offset : offset + count].view_as(tensor))
            offset += count


def agreed(value):
    """Process 0's value, in every process."""
    tensor = torch.tensor([float(value)], dtype=torch.float64)
    dist.broadcast(tensor, 0)
    return float(tensor)


def worker(rank, task, options):
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(options.port))
    dist.init_process_group("gloo", rank=rank, world_size=PROCESSES)
    torch.manual_seed(options.seed)
    network = task.start().to(memory_format=torch.channels_last).train()
    averaged = copy.deepcopy(network).eval()
    floats = lambda net: [*net.parameters(), *[b for b in net.buffers() if b.dtype == torch.float32]]
    for parameter in averaged.parameters():
        parameter.requires_grad_(False)
    groups = parameter_groups(network, options.decay, task.new_parts)
    optimiser = torch.optim.AdamW(groups, lr=options.rate, betas=(0.9, 0.99))
    parameters = list(network.parameters())
    checkpoint = options.out / "last.pt"
    spent, step, epoch = 0.0, 0, 0
    if options.resume:
        saved = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(saved["network"])
        averaged.load_state_dict(saved["weights"])
        optimiser.load_state_dict(saved["optimiser"])
        spent, step, epoch = saved["spent"], saved["step"], saved["epoch"]
    averaged_state, state = floats(averaged), floats(network)
    # A run that goes on draws other samples than the ones it has seen.
    own = np.random.default_rng([options.seed, step, rank + 1])
    seconds = options.minutes * 60
    clock = time.time()
    last_save = last_evaluation = spent

    def meet():
        nonlocal spent, clock
        average_over_processes([*state, *averaged_state])
        now = time.time()
        spent = agreed(spent + now - clock)
        clock = now

    def save():
        if rank == 0:
            parts = dict(weights=averaged.state_dict(), network=network.state_dict(), optimiser=optimiser.state_dict())
            torch.save(dict(**parts, spent=spent, step=step, epoch=epoch), checkpoint.with_suffix(".new"))
            os.replace(checkpoint.with_suffix(".new"), checkpoint)

    def evaluate():
        nonlocal clock
        shares = [None] * PROCESSES
        dist.all_gather_object(shares, task.evaluate(averaged, rank))
        if rank == 0:
            print(f"  after {spent / 60:.1f} min, {step} steps each: {task.report(shares)}", flush=True)
        dist.barrier()
        clock = time.time()

    order = []
    began, sums, steps = time.time(), 0.0, 0
    while spent < seconds:
        if len(order) < options.batch:
            order = np.array(task.epoch(own))
            own.shuffle(order)
            epoch += 1
            if rank == 0 and steps:
                rate = steps * options.batch * PROCESSES / (time.time() - began)
                means = " ".join(f"{v:.3f}" for v in sums / steps)
                share = spent / seconds
                print(f"epoch {epoch} step {step} done {share:.3f} about {rate:.1f} pictures/s  loss and parts {means}", flush=True)
            began, sums, steps = time.time(), 0.0, 0
        mine, order = order[: options.batch], order[options.batch :]
        done = min(1.0, (spent + time.time() - clock) / seconds)
        size = task.input_size(own, done)
        canvases, targets = zip(*(task.sample(own, int(i), size, done) for i in mine))
        targets = [{k: torch.from_numpy(v) for k, v in t.items()} for t in targets]
        x = torch.from_numpy(np.stack(canvases)).permute(0, 3, 1, 2).float()
        x = x.contiguous(memory_format=torch.channels_last)
        cosine = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done))
        for group in optimiser.param_groups:
            group["lr"] = options.rate * min(1, step / options.warm_up) * cosine * group["factor"]
        with torch.autocast("cpu", torch.bfloat16):
            outputs = network(x)
        outputs = tuple(o.float() for o in outputs) if isinstance(outputs, tuple) else outputs.float()
        loss, parts = task.loss(outputs, targets, size)
        optimiser.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, LARGEST_NORM)
        if torch.isfinite(norm):
            optimiser.step()
        step += 1
        steps += 1
        keep = options.average * (1 - math.exp(-step / 300))
        torch._foreach_lerp_(averaged_state, state, 1 - keep)
        sums = sums + np.array([float(loss.detach()), *parts])
        if rank == 0 and step % 20 == 0 and step <= 100:
            print(f"step {step} size {size} loss {float(loss.detach()):.3f}", flush=True)
        if time.time() - clock < MEET_EVERY_SECONDS:
            continue
        meet()
        if spent - last_save > options.save_every * 60:
            save()
            last_save = spent
        if spent - last_evaluation > options.evaluate_every * 60:
            evaluate()
            last_evaluation = spent
    save()
    evaluate()
    dist.destroy_process_group()


def run(task, options):
    multiprocessing.set_start_method("fork")
    processes = [multiprocessing.Process(target=worker, args=(r, task, options)) for r in range(PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit("a training process failed; see the messages above")
