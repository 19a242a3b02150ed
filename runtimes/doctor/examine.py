"""`modelport doctor`: measure each part of this machine, then judge what was measured."""

import importlib.util
from collections.abc import Mapping, Sequence

from ...contract.narration import Narrator, Silent
from .abilities import BASE, EXTRA, judge_abilities, judge_imports, judge_tfjs
from .finding import Finding
from .folders import judge_folder, measure_working_folder
from .gpu import judge_gpu, measure_gpu
from .import_probe import Imported, probe_imports
from .machine import judge_machine, measure_machine
from .packages import judge_packages, measure_packages
from .python_install import judge_python, measure_python


def examine(narrator: Narrator | None = None) -> list[Finding]:
    """Return every finding about this machine, in the order in which it is shown."""
    narrator = narrator or Silent()
    packages = measure_packages()
    narrator.say("importing what is installed, in processes of their own (TensorFlow takes 3 to 11 s) ...")
    imported = _import_all((*BASE, *EXTRA))
    return [
        *judge_python(measure_python()),
        *judge_packages(packages),
        *judge_imports(imported),
        *judge_gpu(measure_gpu(imported["tensorflow"], packages.installed)),
        *judge_machine(measure_machine()),
        *judge_folder(measure_working_folder()),
        *judge_abilities(imported),
        judge_tfjs(),
    ]


def _import_all(modules: Sequence[str]) -> Mapping[str, Imported | None]:
    here = [name for name in modules if importlib.util.find_spec(name.split(".")[0]) is not None]
    tried = probe_imports(here)
    return {name: tried.get(name) for name in modules}
