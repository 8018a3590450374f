"""What coverage compares with: the networks' files in every way, and the peers' own results.

A row's folder holds images.npy, seed.npy and, for each column, WAY.onnx and COLUMN.npy, the result
expected. `prepare` makes what is missing, each row in a process of its own that may use a limited
time of the processor; what is known of each cell is a line of exports.json: how far another may be
off, or who failed and why. Nothing here depends on our program, so that trying another takes minutes.
"""

import json
import multiprocessing
import multiprocessing.connection
import resource
import signal
import sys
import time
from importlib.metadata import version

from peers import BUILD
from zoo import export, gradient

FOLDER = BUILD / "coverage"
KNOWN = FOLDER / "exports.json"  # An array a line, the last of a cell being the one that holds.
CLOSE = 1e-3
NUDGES = 5
LIMIT = 900  # Seconds of the processor that one cell may take.
WAYS_OF_GRADIENT = ("legacy-17", "dynamo-20")  # The first that was written is differentiated.


def versions():
    packages = ("torch", "torchvision", "timm", "onnx", "onnxruntime")
    return ", ".join(f"{name} {version(name).split('+')[0]}" for name in packages)


def start_of(text, limit):
    while isinstance(text, Exception) and text.__cause__:
        text = text.__cause__
    line = (str(text).strip() or type(text).__name__).splitlines()[0].replace("|", "¦")
    return line if len(line) <= limit else line[:limit - 1] + "…"


def folder_of(row):
    return FOLDER / row.replace(", ", "-").replace(" ", "-")


def file_of(row, column):
    """The ONNX file that a column runs, or nothing where there is none that ONNX Runtime runs."""
    ways = WAYS_OF_GRADIENT if column == "gradient" else (column,)
    paths = [folder_of(row) / f"{way}.onnx" for way in ways]
    # A result of ONNX Runtime's stands beside every file that it could run.
    return next((path for path in paths if path.exists() and (
        column != "gradient" or path.with_suffix(".npy").exists())), None)


def difference(found, expected, column):
    if column == "gradient":
        return float(((found - expected) ** 2).sum() ** 0.5 / (expected ** 2).sum() ** 0.5)
    return float(abs(found - expected).max() / expected.std())


def onnxruntime_logits(path, images, optimised=False):
    """As the file says: without optimisations, which would compute quantised layers in integers."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    if not optimised:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: images})[0]


def expect(row, column, model, images):
    """Stores the peers' result; returns how far ours may be off.

    Where kinks or rounding make results jump, nudges of every pixel tell how far.
    """
    import numpy
    import torch

    path, seed = file_of(row, column), torch.from_numpy(numpy.load(folder_of(row) / "seed.npy"))

    def peers(images):
        if column == "gradient":
            return gradient(model, images, seed).numpy()
        return onnxruntime_logits(path, images.numpy())

    torch.manual_seed(1)
    expected, limit = peers(images), CLOSE
    if not numpy.isfinite(expected).all():
        raise ValueError("The peer's own result is not finite.")
    # Where the peers agree closely, rounding is of no weight.
    jumps = column in ("gradient", "logits") or 2 * apart_from_pytorch(model, images, expected) > CLOSE
    for _ in range(NUDGES if jumps else 0):
        nudged = peers(images * (1 + 1e-6 * torch.randn(images.shape)))
        limit = max(limit, 2 * difference(nudged, expected, column))
    if column == "logits":
        integers = onnxruntime_logits(path, images.numpy(), optimised=True)
        limit = max(limit, 2 * difference(integers, expected, column))
    numpy.save(folder_of(row) / f"{column}.npy", expected)
    return limit


def apart_from_pytorch(model, images, expected):
    import torch

    with torch.no_grad():
        return difference(model(images).numpy(), expected, "logits")


def remember(row, column, fact):
    with KNOWN.open("a") as file:
        file.write(json.dumps([versions(), row, column, fact], ensure_ascii=False) + "\n")


def known_cells():
    lines = KNOWN.read_text().splitlines() if KNOWN.exists() else []
    return {(row, column): fact for known, row, column, fact in map(json.loads, lines)
            if known == versions()}


def prepare_cell(row, column, model, images, write):
    """What is to be known of a cell, as `remember` stores it."""
    if column != "gradient":
        path = folder_of(row) / f"{column}.onnx"
        path.unlink(missing_ok=True)
        part = path.with_suffix(".part")
        try:
            write(model, images, part, column)
            part.rename(path)
        except Exception as error:  # Whatever the exporters raise.
            part.unlink(missing_ok=True)
            return {"failure": ["exporter fails", start_of(error, 200)]}
    elif file_of(row, column) is None:
        return {"failure": ["no file", ""]}
    try:
        return {"limit": expect(row, column, model, images)}
    except Exception as error:  # Whatever ONNX Runtime raises, in classes of its own.
        peer = "PyTorch" if column == "gradient" else "ORT"
        return {"failure": [f"{peer} fails", start_of(error, 200)]}


def prepare_row(row, columns, make, write):
    """Runs in a process of its own, which the system ends when a cell takes too long."""
    import numpy
    import torch

    torch.set_num_threads(1)
    allow_time()
    folder_of(row).mkdir(parents=True, exist_ok=True)
    model, images = make()
    numpy.save(folder_of(row) / "images.npy", images.numpy())
    if model:
        with torch.no_grad():
            shape = model(images).shape
        torch.manual_seed(1)
        numpy.save(folder_of(row) / "seed.npy", torch.randn(shape).numpy())
    else:
        numpy.save(folder_of(row) / "seed.npy", numpy.zeros((2, 1), "f4"))
    for column in columns:
        allow_time()
        start = time.process_time()
        fact = prepare_cell(row, column, model, images, write)
        remember(row, column, fact)
        print(f"{row}, {column}: {time.process_time() - start:.0f} s, {fact}", flush=True,
              file=sys.stderr)


def allow_time():
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + LIMIT, hard))


def prepare(rows, jobs):
    """Makes what is not known yet of the rows, so many at a time; returns those that cannot be made.

    `rows`: of each row's name, the columns, how to make the network and how to write a file.
    A cell whose export takes too long, or ends the process, is one that the exporter fails on.
    """
    waiting, running, unmade = list(rows), {}, []
    while waiting or running:
        while waiting and len(running) < jobs:
            row = waiting.pop(0)
            columns, *how = rows[row]
            missing = missing_of(row, columns)
            if missing:
                # Forked, so that the packages are loaded once; this process has computed nothing.
                process = multiprocessing.get_context("fork").Process(
                    target=prepare_row, args=(row, missing, *how))
                process.start()
                running[process.sentinel] = row, missing, process
        for sentinel in multiprocessing.connection.wait(list(running)) if running else ():
            row, missing, process = running.pop(sentinel)
            process.join()
            if process.exitcode == 1:  # The network itself: every cell would end so.
                unmade.append(row)
            elif process.exitcode:
                too_long = process.exitcode == -signal.SIGXCPU
                why = f"took more than {LIMIT} s" if too_long else f"ended with {process.exitcode}"
                remember(row, missing_of(row, missing)[0], {"failure": ["exporter fails", why]})
                waiting.insert(0, row)
    return unmade


def missing_of(row, columns):
    known = known_cells()
    return [column for column in columns if (row, column) not in known]


def write_export(model, images, path, way, dynamic):
    exporter, opset = way.split("-")
    export(model, images, path, exporter, int(opset), dynamic)
