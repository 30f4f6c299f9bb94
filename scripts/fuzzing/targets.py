"""The formats that the program reads, how a file of each is changed, and with which commands it is read."""
import io
import json
import shutil
import zipfile
from pathlib import Path

from . import mutations
from .running import run

ROOT = Path(__file__).resolve().parents[2]
CHECKPOINTS = ROOT / "Tests/Fixtures/checkpoints"
MODELS = ["timm-vit", "hf-vit", "timm-swin", "hf-swin", "hf-deit", "deit3-original-names", "detr-original-names", "hf-detr"]


class Study:
    """A small study made by the program itself, whose files are the beginnings of all changed ones."""

    def __init__(self, program, folder):
        self.program, self.folder = str(program), Path(folder)
        self.log = []
        self.version = run(self.program, ["--version"], "/").output.strip()
        if not (self.folder / "whole").exists():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            self.make()
            if not self.log:
                (self.folder / "whole").touch()

    def make(self):
        model = str(CHECKPOINTS / "timm-vit")
        self.do("scenes", "--count", "8", "--size", "64x64", "--out", "scenes")
        # Two classes of four images; those of the scenes have one image each.
        names = sorted(path.name for path in self.path("scenes/images").iterdir())
        self.path("labels.csv").write_text("path,label\n" + "".join(f"{name},{'ab'[place % 2]}\n" for place, name in enumerate(names)))
        shown = ["--images", "scenes/images", "--annotations", "scenes/annotations.json", "--labels", "labels.csv"]
        self.do("extract", "--model", model, *shown, "--conditions", "red,hue+90", "--out", "vit.h5")
        self.do("extract", "--model", str(CHECKPOINTS / "timm-swin"), *shown, "--compression", "deflate", "--out", "swin.h5")
        self.do("train", "--model", model, "--images", "scenes/images", "--epochs", "1", "--out", "inverse")
        self.do("train", "--model", model, "--images", "scenes/images", "--inverse", "ridge", "--out", "ridge")
        self.do("reconstruct", "--model", model, "--inverse", "inverse", *shown, "--conditions", "red", "--out", "back.h5")
        self.do("analyze", "similarity", "vit.h5", "swin.h5", "--tokens", "mean", "--permutations", "20", "--bootstrap", "20", "--out", "results/similarity")
        for name in ["quality", "color", "detail", "shape"]:
            self.do("analyze", name, "back.h5", "--bootstrap", "20", "--out", f"results/{name}")
        self.do("analyze", "prototypes", "vit.h5", "--bootstrap", "20", "--permutations", "10", "--out", "results/prototypes")
        self.do("analyze", "efficiency", "inverse", "ridge", "--out", "results/efficiency")
        self.do("report", "results", "--out", "report", "--title", "Fuzz")
        for name in ANALYSES:
            self.do("report", f"results/{name}", "--out", f"reports/{name}")
        self.do("bundle", "report", "--out", "bundle.zip", "--date", "2026-01-01")
        for name in ["efficiency", "shape"]:
            self.do("bundle", f"reports/{name}", "--out", f"{name}.zip", "--date", "2026-01-01")
        self.do(*EXTRACTION, "--limit", "4", "--annotations", "scenes/annotations.json", "--region", "objects", "--conditions", "red", "--out", "objects.h5")
        self.do(*EXTRACTION, "--limit", "4", "--labels", "labels.csv", "--out", "labels.h5")
        (self.folder / "study.yaml").write_text(STUDY.format(model=model))
        (self.folder / "few").mkdir()
        for image in sorted((self.folder / "scenes/images").iterdir())[:2]:
            shutil.copy(image, self.folder / "few")

    def do(self, *arguments):
        ended = run(self.program, list(arguments), str(self.folder), limit=600)
        if ended.status:
            self.log.append(f"{' '.join(arguments)}: {ended.status} {ended.error.strip()[-300:]}")

    def path(self, name):
        return self.folder / name


EXTRACTION = ["extract", "--model", str(CHECKPOINTS / "timm-vit"), "--images", "scenes/images", "--taps", "stages", "--tokens", "mean"]
ANALYSES = ["similarity", "quality", "color", "detail", "shape", "prototypes", "tokens", "efficiency"]
STUDY = """title: Fuzz
output: out
seed: 3
images:
  photos: scenes/images
  drawn: {{scenes: {{count: 8, size: 64x64}}}}
models:
  vit: {model}
features:
  - {{models: [vit], images: drawn, tokens: mean, conditions: [red], batch-size: 4}}
inverses:
  - {{models: [vit], images: drawn, epochs: 2, learning-rate: 0.001}}
reconstructions:
  - {{models: [vit], images: drawn, conditions: [red]}}
analyses:
  - {{analysis: similarity, tokens: mean, measures: [cka_linear], bootstrap: 20, permutations: 10}}
  - {{analysis: quality, bootstrap: 20}}
report: {{style: tmlr, title: Fuzz}}
"""


def link(source, target):
    """A folder of links to the files of another one, which can be replaced one by one."""
    for item in source.rglob("*"):
        place = target / item.relative_to(source)
        if item.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(item)


def replace(path, data):
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def copied(study, source, target, pattern, change, random):
    """A folder in which one file is changed."""
    link(study.path(source), target)
    files = sorted(item for item in target.rglob("*") if item.is_file() and any(item.match(part) for part in pattern))
    chosen = random.choice(files)
    replace(chosen, change(chosen.read_bytes(), random))


def checkpoint(study, random, folder):
    source = CHECKPOINTS / random.choice(MODELS)
    weights = sorted(source.glob("*.safetensors"))[0]
    replace(folder / "x.safetensors", mutations.safetensors(weights.read_bytes(), random))
    return [["verify", "x.safetensors"], ["inspect", "x.safetensors"]]


def configuration(study, random, folder):
    source = CHECKPOINTS / random.choice(MODELS)
    link(source, folder / "model")
    replace(folder / "model/config.json", mutations.json_bytes((source / "config.json").read_bytes(), random))
    commands = [["inspect", "model"]]
    if random.random() < 0.1:
        commands.append(["extract", "--model", "model", "--images", str(study.path("few")), "--taps", "stages", "--out", "x.h5"])
    return commands


def preprocessor(study, random, folder):
    source = CHECKPOINTS / random.choice([name for name in MODELS if (CHECKPOINTS / name / "preprocessor_config.json").exists()])
    link(source, folder / "model")
    replace(
        folder / "model/preprocessor_config.json",
        mutations.json_bytes((source / "preprocessor_config.json").read_bytes(), random))
    commands = [["inspect", "model"]]
    if random.random() < 0.1:
        commands.append(["extract", "--model", "model", "--images", str(study.path("few")), "--taps", "stages", "--out", "x.h5"])
    return commands


def images(study, random, folder):
    """Many in one process; the number of them is the number of inputs."""
    (folder / "images").mkdir()
    sources = [path for path in (ROOT / "Tests/ImagingTests/Fixtures").rglob("*") if path.suffix.lower() in SUFFIXES]
    sources += list(study.path("few").iterdir())
    for index in range(64):
        source = random.choice(sources)
        other = random.choice(sources).read_bytes()
        (folder / f"images/{index}{source.suffix}").write_bytes(mutations.damage(source.read_bytes(), random, other))
    return [["extract", "--model", str(CHECKPOINTS / "timm-vit"), "--images", "images", "--taps", "stages", "--tokens", "mean", "--out", "x.h5"]]


SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"}


def store(study, random, folder):
    fixtures = list((ROOT / "Tests/ActivationsTests/Fixtures").glob("*.h5")) + list((ROOT / "Tests/AnalysisTests/Fixtures").glob("*.h5"))
    source = random.choice(fixtures + [study.path("vit.h5"), study.path("swin.h5"), study.path("back.h5")])
    data = source.read_bytes()
    changed = None
    if random.random() < 0.4:
        changed = structured_store(data, random)
    replace(folder / "x.h5", changed or mutations.damage(data, random))
    analysis = random.choice(["similarity", "quality", "color", "detail", "prototypes", "shape"])
    commands = [["verify", "x.h5"], ["inspect", "x.h5"], ["analyze", analysis, "x.h5", "--bootstrap", "20", "--out", "out"]]
    return commands if random.random() < 0.25 else [random.choice(commands[:2])]


def structured_store(data, random):
    """With another attribute, shape or set of datasets; nothing where h5py is not there or refuses."""
    try:
        import h5py
        import numpy
    except ImportError:
        return None
    content = io.BytesIO(data)
    try:
        with h5py.File(content, "r+") as file:
            names = []
            file.visit(names.append)
            for _ in range(random.choice([1, 1, 2])):
                holder = file[random.choice(names)] if names and random.random() < 0.8 else file
                kind = random.randrange(5)
                if kind == 0 and len(holder.attrs):
                    holder.attrs[random.choice(list(holder.attrs))] = random.choice([0, -1, 2**40, 2**62, 1e300, "x", "", [2**40, 2**40], [0, 0], [-1, 5]])
                elif kind == 1 and len(holder.attrs):
                    del holder.attrs[random.choice(list(holder.attrs))]
                elif kind == 2 and holder is not file:
                    del file[holder.name]
                elif isinstance(holder, h5py.Dataset):
                    name, dtype, shape = holder.name, holder.dtype, list(holder.shape)
                    del file[name]
                    if shape:
                        shape[random.randrange(len(shape))] = random.choice([0, 1, 2**20, 2**40, 2**57, 2**61])
                    file.create_dataset(name, shape=shape or (2**40,), dtype=dtype if kind == 3 else numpy.float32, chunks=True)
                else:
                    holder.create_group(random.choice(["x", "features", "inputs", "é", "a b"]))
    except Exception:
        return None
    return content.getvalue()


def bundle(study, random, folder):
    source = random.choice(["bundle.zip", "efficiency.zip", "shape.zip"])
    data = study.path(source).read_bytes()
    if random.random() < 0.5:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
        name = random.choice(list(entries))
        kind = random.randrange(4)
        if kind == 0:
            del entries[name]
        elif kind == 1:
            entries[random.choice(["../x", "/x", "a\\b", "C:x", "x", name.upper(), name + "/", ""]) or "y"] = entries[name]
        else:
            change = mutations.json_bytes if name.endswith("json") else mutations.text if kind == 2 else mutations.damage
            entries[name] = change(entries[name], random)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", random.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as archive:
            for key, value in entries.items():
                archive.writestr(key, value)
        data = out.getvalue()
    else:
        # The directory at the end decides what is read.
        start = data.rfind(b"PK\x05\x06") - 2000 if random.random() < 0.6 else 0
        data = data[:start] + mutations.damage(data[start:], random)
    replace(folder / "x.zip", data)
    return [["verify", "x.zip"], ["replay", "x.zip"]] if source != "bundle.zip" and random.random() < 0.2 else [["verify", "x.zip"]]


def report_data(study, random, folder):
    name = random.choice(ANALYSES if random.random() < 0.3 else ["efficiency", "shape"])
    copied(study, f"reports/{name}", folder / "report", ["data/*.json", "data/*/*.json"], mutations.json_bytes, random)
    if random.random() < 0.5:
        return [["replay", "report"]]
    return [["bundle", "report", "--out", "x.zip", "--results", str(study.path(f"results/{name}")), "--date", "2026-01-01"]]


def results(study, random, folder):
    is_table, name = random.random() < 0.8, random.choice(ANALYSES)
    copied(
        study, f"results/{name}", folder / "results", ["*.csv"] if is_table else ["provenance.json"],
        mutations.table if is_table else mutations.json_bytes, random)
    commands = [["figure", "list", "results"]]
    if random.random() < 0.1:
        commands.append(["report", "results", "--out", "report"])
    return commands


def inverse(study, random, folder):
    name = random.choice(["inverse", "ridge"])
    change = lambda data, random: (mutations.json_bytes if data[:1] == b"{" else mutations.safetensors if b"{" in data[:16] else mutations.table)(data, random)
    copied(study, name, folder / "x", ["*.json", "*.csv", "*.safetensors"], change, random)
    model = str(CHECKPOINTS / "timm-vit")
    commands = [
        ["inspect", "x"], ["verify", "x"], ["analyze", "efficiency", "x", "--out", "out"],
        ["reconstruct", "--model", model, "--inverse", "x", "--images", str(study.path("few")), "--out", "x.h5"]]
    return commands if random.random() < 0.05 else [random.choice(commands[:2])]


def figure_file(study, random, folder):
    sources = [path for path in (ROOT / "Tests/FigureLintTests/Fixtures").rglob("*") if path.suffix in (".pdf", ".svg")]
    sources += [path for path in study.path("report/figures").iterdir() if path.suffix in (".pdf", ".svg", ".png")]
    source = random.choice(sources)
    change = mutations.text if source.suffix == ".svg" and random.random() < 0.6 else mutations.damage
    replace(folder / f"x{source.suffix}", change(source.read_bytes(), random))
    return [["lint", f"x{source.suffix}"]]


def annotations(study, random, folder):
    replace(folder / "x.json", mutations.json_bytes(study.path("scenes/annotations.json").read_bytes(), random))
    return extraction(study, random, folder, "objects.h5", ["--annotations", "x.json", "--region", "objects", "--conditions", "red"])


def labels(study, random, folder):
    replace(folder / "x.csv", mutations.table(study.path("labels.csv").read_bytes(), random))
    return extraction(study, random, folder, "labels.h5", ["--labels", "x.csv"])


def extraction(study, random, folder, store, words):
    """Mostly into a store that has all rows: the file is read and compared with the store, and the model is not run."""
    if random.random() < 0.95:
        shutil.copyfile(study.path(store), folder / "x.h5")
    (folder / "scenes").symlink_to(study.path("scenes"))
    return [[*EXTRACTION, "--limit", "4", *words, "--out", "x.h5"]]


def experiment(study, random, folder):
    data = study.path("study.yaml").read_bytes()
    if random.random() < 0.1:
        levels = random.randrange(2, 12)
        data += b"x0: &x0 [a, b]\n" + b"".join(b"x%d: &x%d [%s]\n" % (n, n, b", ".join([b"*x%d" % (n - 1)] * random.choice([2, 9]))) for n in range(1, levels))
    (folder / "scenes").symlink_to(study.path("scenes"))
    replace(folder / "x.yaml", mutations.text(data, random) if random.random() < 0.8 else mutations.damage(data, random))
    return [["run", "x.yaml", "--dry-run"]]


def style(study, random, folder):
    source = random.choice(sorted((ROOT / "templates/styles").glob("*.json")))
    replace(folder / "x.json", mutations.json_bytes(source.read_bytes(), random))
    figures = sorted(study.path("report/figures").glob("*.pdf"))
    commands = [["figure", "depth", str(study.path("results/quality")), "--style", "x.json", "--out", "x"], ["lint", str(random.choice(figures)), "--style", "x.json"]]
    return commands if random.random() < 0.1 else commands[1:]


def numbers(study, random, folder):
    model, few = str(CHECKPOINTS / "timm-vit"), str(study.path("few"))
    commands = [
        (["extract", "--model", model, "--images", few, "--out", "x.h5"], ["batch-size", "limit", "threads", "seed", "size", "compression"]),
        (["train", "--model", model, "--images", few, "--out", "x"], [
            "epochs", "batch-size", "accumulate", "learning-rate", "warmup", "patience", "evaluate-every", "weight-decay", "validation-share",
            "seed", "polish-factor", "limit", "size"]),
        (["analyze", "similarity", str(study.path("vit.h5")), "--tokens", "mean", "--out", "x"], [
            "bootstrap", "permutations", "seed", "variance", "neighbours", "rbf-fraction", "minibatch", "limit", "threads"]),
        (["analyze", "detail", str(study.path("back.h5")), "--out", "x"], ["bootstrap", "patch", "limit", "seed"]),
        (["analyze", "quality", str(study.path("back.h5")), "--out", "x"], ["bootstrap", "permutations", "confidence", "limit"]),
        (["analyze", "color", str(study.path("back.h5")), "--out", "x"], ["bootstrap", "seed", "limit"]),
        (["analyze", "prototypes", str(study.path("vit.h5")), "--out", "x"], ["bootstrap", "permutations", "places", "place-size", "limit"]),
        (["analyze", "shape", str(study.path("back.h5")), "--out", "x"], ["bootstrap", "limit"]),
        (["figure", "depth", str(study.path("results/quality")), "--out", "x.pdf"], ["width"]),
        (["scenes", "--out", "x", "--count", "1"], ["size", "seed", "context", "threads"]),
    ]
    command, options = random.choice(commands)
    value = random.choice(mutations.NUMBERS)
    if random.random() < 0.1:
        value = f"{random.choice(mutations.NUMBERS)}x{value}"
    option = random.choice(options)
    # What is allowed may take as long as it was asked to.
    if option in ("epochs", "bootstrap", "permutations") and value.isascii() and value.isdigit() and 1000 < int(value) <= 1_000_000:
        value = "3"
    words = [f"--{option}={value}"] if random.random() < 0.7 else [f"--{option}", value]
    if command[0] == "train" and option != "epochs":
        words += ["--epochs", "1"]
    return [command + words]


FORMATS = {
    "safetensors": checkpoint, "config.json": configuration, "preprocessor_config.json": preprocessor, "images": images, "HDF5": store, "bundle": bundle,
    "report data": report_data, "results": results, "inverse folder": inverse, "figure files": figure_file, "COCO": annotations, "labels": labels,
    "experiment": experiment, "style": style, "command line": numbers,
}
# How many inputs of each one round has, by what a process of it costs.
WEIGHTS = {
    "safetensors": 48, "config.json": 40, "preprocessor_config.json": 20, "images": 1, "HDF5": 32, "bundle": 40, "report data": 8, "results": 28,
    "inverse folder": 24, "figure files": 64, "COCO": 20, "labels": 24, "experiment": 40, "style": 32, "command line": 32,
}
# Inputs of one process, where it reads many.
INPUTS = {"images": 64}
