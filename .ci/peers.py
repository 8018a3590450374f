"""What the developer scripts share: an environment with the peers in it, and the machine's name."""

import datetime
import os
import pathlib
import subprocess
import sys
import venv

BUILD = pathlib.Path(".build/peers")
PACKAGES = ["numpy", "onnx", "onnxruntime", "onnxscript", "pillow", "timm", "torch", "torchvision"]


def enter_environment(name="venv", packages=PACKAGES):
    """Runs this script again inside a virtual environment with the packages, made on first use."""
    folder = BUILD / name
    python = folder / "bin/python"
    if not python.exists():
        print("Installing", ", ".join(packages), "into", folder)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
    if pathlib.Path(sys.prefix).resolve() != folder.resolve():
        os.execv(python, [str(python), *sys.argv])


def processor():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown processor"


def version():
    """The last commit and its day, by which documents call the version that printed them."""
    commit, day = subprocess.run(
        ["git", "log", "-1", "--format=%h %cs"], capture_output=True, text=True,
        check=True).stdout.split()
    return f"commit {commit} ({datetime.date.fromisoformat(day):%-d %B %Y})"


def write_section(path, title, text):
    """Replaces one section of a document, or adds it at the end."""
    file = pathlib.Path(path)
    parts = ("\n" + file.read_text()).split("\n## ") if file.exists() else [""]
    section = f"{title}\n\n{text.strip()}\n"
    places = [index for index, part in enumerate(parts) if part.startswith(title + "\n")]
    parts[places[0] if places else len(parts):] = [section] + (
        parts[places[0] + 1:] if places else [])
    file.write_text("\n## ".join(part.rstrip("\n") + "\n" for part in parts).lstrip("\n"))
