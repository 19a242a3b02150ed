"""The packages: every folder of the house. All else is in setup.cfg, whose `find:` cannot put a name before them."""

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

FLOORS = ("assets", "cli", "contract", "convert", "quantize", "runtimes", "training", "validate")


class BuildWithoutThisFile(build_py):  # type: ignore[misc]  # setuptools ships no types
    """The root is the package, so that setuptools takes this file for one of its modules."""

    def find_package_modules(self, package: str, package_dir: str) -> list[tuple[str, str, str]]:
        """Return (package, module, file) for each module of a package but this one."""
        found = super().find_package_modules(package, package_dir)
        return [row for row in found if row[:2] != ("modelport", "setup")]


setup(
    packages=["modelport", *(f"modelport.{name}" for name in find_packages(include=[f"{f}*" for f in FLOORS]))],
    cmdclass={"build_py": BuildWithoutThisFile},
)
