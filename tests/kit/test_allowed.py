"""What a stage may import and do is the same in the suites' own process and in a confined worker, to the word."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from transports import DOUBLE, LIMITS, SLOPE, InWorker, in_this_process

from grader.course.catalogue import Stage
from grader.inside import refusals
from grader.outside.client import Client
from grader.outside.verdicts import NoAnswer

Both = Callable[..., str]
NO_LIBRARY = "is not there when this is marked: marking has NumPy, PyTorch and Python's own library"
F2, F3 = (f"f (stage2_slope.py, line {line}): " for line in (2, 3))
TOP = "stage2_slope.py (stage2_slope.py, line 2): "
ALONE = "when this is marked it works on its arguments alone, without files, network, processes and threads"


@pytest.fixture
def told(in_worker: InWorker) -> Iterator[Both]:
    """What comes of a module that defines f, and of calling f, in both ways alike: the answer, or the message."""
    with contextlib.ExitStack() as stack:

        def here(source: str, stage: Stage, libraries: list[str]) -> Client:
            way = stack.enter_context(contextlib.closing(in_this_process(stage, source, libraries=libraries)))
            way.load()
            return Client(way)

        def there(source: str, stage: Stage, libraries: list[str]) -> Client:
            return in_worker(source, stage, replace(LIMITS, memory=2**29), libraries=libraries)

        def in_both(source: str, stage: Stage = SLOPE, libraries: list[str] | None = None) -> str:
            said = []
            for way in (here, there):
                try:
                    said.append(repr(way(source, stage, libraries or []).call("f")))
                except NoAnswer as answer:
                    said.append(str(answer))
            assert said[0] == said[1]
            return said[0]

        yield in_both


DRAWN = (
    "fig, ax = plt.subplots()\nax.plot([1], [2])\nplt.show()",
    "(fig, (a, b)) = plt.subplots(1, 2)\na.set(title='x')\nb.plot(1)[0].get_data()",
    "fig, axes = plt.subplots(2, 3)\naxes[1, 2].imshow(0)\n[a.cla() for a in axes.flat]",
    "n, bins, patches = plt.hist([1])\nline, = plt.plot([1])\nline.set_data(1, 2)",
    "with plt.style.context('dark_background'):\n    plt.figure(figsize=(3, 4))",
    "a, b = plt.figure().subplots(1, 2)\na.plot(1)\nlow, high = b.get_xlim()",
    "fig, ax = plt.subplot_mosaic('AB')\nax['A'].plot(1)\nplt.axis()[3]",
    "from typing import Optional\ndef g(ax: Optional[plt.Axes] = None): pass",
)
"""By the pyplot that is not there when this is marked."""


@pytest.mark.parametrize(
    "top",
    [
        *(f"import matplotlib.pyplot as plt\n{drawn}" for drawn in DRAWN),
        "import matplotlib\nmatplotlib.use('Agg')\nfrom matplotlib import pyplot, cm\npyplot.rcParams['x'] = 1",
        "from matplotlib.colors import ListedColormap\nclass Map(ListedColormap): pass",
        "from mpl_toolkits.mplot3d import Axes3D\nclass Axes(Axes3D): pass",
        "import matplotlib\nprint(matplotlib.__version__)\nassert not isinstance(1, matplotlib.figure.Figure)",
        "from matplotlib.pyplot import *\nfrom pylab import plot\nplot(1, 2)\ntitle('x')\nshow()",
        "import seaborn as sns\nsns.set_theme()\nsns.heatmap([[1]]).set_title('x').get_window_extent() + 1",
        "import plotly.express as px\npx.line(x=[1]).show()",
        "from IPython.display import display, clear_output\ndisplay(1)\nclear_output(wait=True)",
        "from google.colab import drive\ndrive.mount('/content/drive')",
        "import pandas as pd\nimport scipy.special as special\nfrom sklearn.metrics import roc_curve as roc",
        "from scipy.special import expit, softmax\nimport cv2, torchvision.transforms as transforms",
        "if True:\n    import tqdm",
        "try:\n    from tqdm import tqdm\nexcept ImportError:\n    tqdm = list\nassert tqdm((1,)) == [1]",
        "try:\n    import pandas\nexcept ModuleNotFoundError:\n    pandas = None\nassert pandas is None",
        "import os\nos.chdir(os.path.join('no', 'such', 'folder'))\nos.makedirs('plots/now', exist_ok=True)",
        "from pathlib import Path\nPath('cache').mkdir(parents=True, exist_ok=True)",
        "import os\nos.environ['CHAINRULE_TRIED'] = '1'\nassert os.environ.pop('CHAINRULE_TRIED') == '1'",
        "import warnings\nwarnings.simplefilter('ignore')\nwarnings.warn('look')",
        "import logging\nlogging.basicConfig(level=logging.INFO)\nlogging.info('look')",
        "import torch\ntorch.set_num_threads(4)\nassert (torch.ones(600, 600) @ torch.ones(600, 600)).sum() > 0",
        "import torch\ntorch.manual_seed(0)\ntorch.optim.SGD([torch.zeros(1)])",
        "import traceback\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    traceback.format_exc()",
        "import platform, getpass, tempfile, multiprocessing, threading, subprocess, socket\nplatform.system()",
        "import inspect, torch\ninspect.signature(torch.utils.data.DataLoader)\ninspect.getsource(inspect.stack)",
        "from dataclasses import dataclass\nfrom typing import NamedTuple\n@dataclass\nclass A:\n    x: int = 1",
        "import pickle, copy, json\nassert pickle.loads(pickle.dumps([1])) == [1]",
    ],
)
def test_what_costs_nothing(told: Both, top: str) -> None:
    """What no task needs costs nothing at the top of a module, there or not."""
    assert told(f"{top}\ndef f():\n    return 1") == "1"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import pandas as pd\ndef f():\n    return pd.Series([1])", f"{F3}pandas {NO_LIBRARY}"),
        ("from scipy.special import expit\ndef f():\n    return expit(0)", f"{F3}scipy {NO_LIBRARY}"),
        ("import pandas as pd\ndef f():\n    return pd.__version__", f"{F3}pandas {NO_LIBRARY}"),
        ("import a.b.c as c\ndef f():\n    return c.x", f"{F3}a {NO_LIBRARY}"),
        ("import a.b\ndef f():\n    return a.b.c", f"{F3}a {NO_LIBRARY}"),
        ("from tqdm import tqdm\ndef f():\n    return [x for x in tqdm([1])]", f"{F3}tqdm {NO_LIBRARY}"),
        ("from helpers import K\ndef f():\n    return 2 * K", f"{F3}helpers {NO_LIBRARY}"),
        ("import pandas as pd\nclass F(pd.DataFrame): pass\ndef f(): pass", f"{TOP}pandas {NO_LIBRARY}"),
        ("from a import B\nclass F(B): pass\ndef f(): pass", f"{TOP}a {NO_LIBRARY}"),
        ("def f():\n    import yaml\n    return 1", f"{F2}yaml {NO_LIBRARY}"),
        ("def f():\n    import grader\n    return 1", f"{F2}grader {NO_LIBRARY}"),
        ("def f():\n    return open('x.txt', 'w')", f"{F2}uses a file: {ALONE}"),
        ("import numpy as np\ndef f():\n    return np.load('x.npy')", f"{F3}uses a file: {ALONE}"),
        ("import torch\ndef f():\n    torch.save(1, 'x.pt')", f"{F3}uses a file: {ALONE}"),
        ("from pathlib import Path\nX = Path('x').read_text()\ndef f(): pass", f"{TOP}uses a file: {ALONE}"),
        ("import os\ndef f():\n    return [*os.walk('.')] or os.listdir('.')", f"{F3}uses a file: {ALONE}"),
        ("import tempfile\ndef f():\n    return tempfile.TemporaryFile()", f"{F3}uses a file: {ALONE}"),
        (
            "import threading\ndef f():\n    threading.Thread(target=print).start()",
            f"{F3}starts a thread: {ALONE}",
        ),
        (
            "from concurrent.futures import ThreadPoolExecutor\ndef f():\n"
            "    return ThreadPoolExecutor().submit(int).result()",
            f"{F3}starts a thread: {ALONE}",
        ),
        ("import subprocess\ndef f():\n    return subprocess.run(['ls'])", f"{F3}starts a process: {ALONE}"),
        ("import os\ndef f():\n    return os.system('ls')", f"{F3}starts a process: {ALONE}"),
        (
            "import urllib.request\ndef f():\n    return urllib.request.urlopen('http://x.example')",
            f"{F3}uses the network: {ALONE}",
        ),
        ("def f():\n    return input()", f"{F2}asks for input: {ALONE}"),
        ("import matplotlib.pyplot as plt\ndef f():\n    return plt.figure()", "Opaque(type_name='StandIn')"),
        (
            "import torch, io\ndef f():\n    b = io.BytesIO()\n"
            "    torch.save(1, b)\n    b.seek(0)\n    return torch.load(b)",
            "1",
        ),
    ],
)
def test_what_is_refused(told: Both, source: str, says: str) -> None:
    """What is not there, or not allowed, is told where it is used, in a sentence that says what there is."""
    assert says in told(source)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import torch\nimport pandas\nimport matplotlib.pyplot as plt\ndef f():\n    return 1", "1"),
        ("import torch\ndef f():\n    return torch.ones(1)", "this stage is NumPy only, but f imports torch"),
        (
            "from torch import nn\nclass F(nn.Module): pass\ndef f(): pass",
            "this stage is NumPy only, but stage1_double.py imports torch",
        ),
        ("def f():\n    import torch\n    return 1", "this stage is NumPy only, but f imports torch"),
        (
            "import importlib\ndef f():\n    return importlib.import_module('torch')",
            "this stage is NumPy only, but f imports torch",
        ),
        ("import sys\ndef f():\n    return str(sys.modules.get('torch'))", "'None'"),
        (
            "import pandas\ndef f():\n    return pandas.NA",
            "pandas is not there when this is marked: marking has NumPy and Python's own",
        ),
    ],
)
def test_numpy_only(told: Both, source: str, says: str) -> None:
    """In a NumPy stage PyTorch is not there either; an import that nothing uses costs nothing."""
    assert says in told(source, DOUBLE)


def test_what_the_course_lists(told: Both) -> None:
    """A library that the course lists is the real one; where it is not installed, it is not there."""
    source = "import yaml\nimport no_such_library\ndef f():\n    return "
    libraries = ["yaml", "no_such_library"]
    assert told(f"{source}yaml.safe_load('1')", libraries=libraries) == "1"
    missing = told(f"{source}no_such_library.x", libraries=libraries)
    assert (
        "no_such_library is not there when this is marked: marking has NumPy, PyTorch, yaml, no_such_" in missing
    )


def test_a_loader_has_no_workers(told: Both) -> None:
    """A loader loads in the process that asks for its batches, and gives the same ones."""
    made = "DataLoader(TensorDataset(torch.arange(8)), 3, True, generator=torch.Generator().manual_seed(1), "
    source = "import torch\nfrom torch.utils.data import DataLoader, TensorDataset\n"
    workers = (
        "num_workers=2, persistent_workers=True, prefetch_factor=4, timeout=3, multiprocessing_context='fork')"
    )
    batches = "\ndef f():\n    return [batch.tolist() for [batch] in loader]"
    plain = told(f"{source}loader = {made}){batches}")
    assert plain.startswith("[[")
    assert told(f"{source}loader = {made}{workers}{batches}") == plain
    asked = "DataLoader(range(2), 1, False, None, None, 2)\ndef f():\n    return loader.num_workers"
    assert told(f"{source}loader = {asked}") == "0"


def test_syntax_of_a_newer_python(told: Both) -> None:
    """A module in newer syntax is told which Python it needs, and which runs here."""
    said = told("def f():\n    return 1\n\nlazy import json")
    assert "raised SyntaxError: this needs Python 3.15, and 3." in said
    assert "(stage2_slope.py, line 4)" in said


def test_code_of_others_is_refused_nothing() -> None:
    """While a learner's code is loaded, that of libraries and of the suites opens files as before."""
    with contextlib.closing(in_this_process(DOUBLE, "def f():\n    return 1")) as way:
        way.load()
        assert Path(__file__).read_text(encoding="utf-8").startswith('"')


def test_libraries_make_folders() -> None:
    """While a learner's code runs, a library that makes itself a folder as it is imported has one."""
    with refusals.harmless(), tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "file").touch()


OWN_MODE = "has the place of nn.Module.train, by which a model is switched between training and evaluation"


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("def train(self, data):\n        for x in data: pass", "return model.eval() is model"),
        ("def train(self, data):\n        for x in data: pass", "return model.train()"),
        ("def train(self, data, lr, epochs):\n        pass", "return model.eval()"),
        ("def train(self, mode=True):\n        return super().train(mode)", "return model.eval() is model"),
    ],
)
def test_a_model_with_a_train_of_its_own(told: Both, method: str, body: str) -> None:
    """A method in the place of PyTorch's is told as that; one that does what PyTorch's does is right."""
    source = f"from torch import nn\nclass Net(nn.Module):\n    {method}\nmodel = Net()\ndef f():\n    {body}"
    said = told(source)
    assert said == "True" if "super" in method else f"Net.train {OWN_MODE}" in said


def test_a_train_that_switches_nothing() -> None:
    """Where the model's own `train` leaves its mode as it is, that is told as well."""
    model = "from torch import nn\nclass Net(nn.Module):\n    def train(self, *args): return 'trained'"
    with contextlib.closing(in_this_process(SLOPE, f"{model}\ndef f(): return Net()")) as way:
        way.load()
        impl = Client(way)
        with pytest.raises(NoAnswer, match=f"Net.train {OWN_MODE}"):
            impl.probe("set_training", impl.call("f", keep=True), False)
