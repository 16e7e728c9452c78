"""Attacks by imports: PyTorch in the stages that do without, and anything else that is kept from a worker."""

from hostile.attack import RIGHT, Attack

BY_TORCH = """
def relu(a):
    return torch.relu(torch.from_numpy(a.copy())).numpy()

def relu_grad(a):
    return (torch.from_numpy(a.copy()) > 0).numpy().astype(a.dtype)
"""
"""Stage 1 by PyTorch: right, and worth nothing because NumPy is what it asks for."""

WHERE = """
import site, sysconfig

PLACES = [*sys.path, *site.getsitepackages(), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
FOLDERS = [p for p in dict.fromkeys(PLACES) if os.path.exists(os.path.join(p, "torch", "__init__.py"))] or PLACES[
    -1:
]
"""
"""Where PyTorch is installed."""

ATTACKS = (
    Attack(
        "imports-torch-by-a-deleted-mark",
        "PyTorch in stage 1, by taking away what stops its import",
        """
for name in list(sys.modules):
    if sys.modules[name] is None:
        del sys.modules[name]
sys.path[:] = list(dict.fromkeys([*sys.path, *FOLDERS]))
import importlib
importlib.invalidate_caches()
import torch
"""
        + BY_TORCH,
        base=WHERE,
    ),
    Attack(
        "imports-torch-by-its-folder",
        "PyTorch in stage 1, by a loader on its files under its own name",
        """
import importlib.util

folder = FOLDERS[0]
spec = importlib.util.spec_from_file_location("torch", folder + "/torch/__init__.py",
                                              submodule_search_locations=[folder + "/torch"])
torch = importlib.util.module_from_spec(spec)
sys.modules["torch"] = torch
spec.loader.exec_module(torch)
"""
        + BY_TORCH,
        base=WHERE,
    ),
    Attack(
        "imports-torch-by-another-name",
        "PyTorch in stage 1, by its compiled part and by a finder of its own",
        """
import ctypes, glob, importlib.machinery, importlib.util

for library in sorted(glob.glob(FOLDERS[0] + "/torch/lib/lib*.so")):
    attempt(library, lambda: ctypes.CDLL(library, ctypes.RTLD_GLOBAL))

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name in sys.modules and sys.modules[name] is None:
            del sys.modules[name]
        return importlib.machinery.PathFinder.find_spec(name, path or FOLDERS)

sys.meta_path.insert(0, Finder())

class Modules(dict):
    def __getitem__(self, name):
        value = super().__getitem__(name)
        if value is None:
            raise KeyError(name)
        return value

sys.modules.pop("torch", None)
torch = importlib.util.module_from_spec(Finder().find_spec("torch"))
sys.modules["torch"] = torch
torch.__spec__.loader.exec_module(torch)
"""
        + BY_TORCH,
        base=WHERE,
    ),
    Attack(
        "imports-torch-by-reading-it",
        "PyTorch's files in stage 1, to do with them what may be done",
        """
for folder in FOLDERS:
    attempt("read", lambda: open(folder + "/torch/version.py").read())
    attempt("compiled", lambda: open(folder + "/torch/_C.py").read())
    attempt("list", lambda: os.listdir(folder + "/torch"))
    attempt("beside", lambda: [name for name in os.listdir(folder) if "torch" in name])
""",
        at_most=10,
        base=RIGHT + WHERE,
    ),
    Attack(
        "imports-torch-by-another-process",
        "PyTorch in stage 1, by an interpreter of its own that has it",
        """
import subprocess
import numpy as np

def ask(expression, a):
    code = f"import sys, numpy as np, torch; a = np.frombuffer(sys.stdin.buffer.read(), '{a.dtype}'); "
    code += f"sys.stdout.buffer.write(np.asarray({expression}).astype(a.dtype).tobytes())"
    done = subprocess.run([sys.executable, "-c", code], input=a.tobytes(), capture_output=True, check=True)
    return np.frombuffer(done.stdout, a.dtype).reshape(a.shape)

def relu(a):
    return ask("torch.relu(torch.from_numpy(a.copy()))", a)

def relu_grad(a):
    return ask("torch.from_numpy(a.copy()) > 0", a)
""",
    ),
)
