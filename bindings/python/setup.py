"""Builds the engine's library with cargo, and puts it into the package.

`RISER_LIBRARY` names a library that is there already (`bindings/c/install.sh` makes it); `RISER_CARGO_FLAGS` has flags for cargo, such
as `--features llvm`.
"""

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.dist import Distribution

INSTALL = Path(__file__).resolve().parent.parent / "c" / "install.sh"


class Build(build_py):
    """Copies the modules, and the library beside them."""

    def run(self):
        super().run()
        place = Path(self.build_lib) / "riser"
        place.mkdir(parents=True, exist_ok=True)
        library = os.environ.get("RISER_LIBRARY")
        if library:
            shutil.copyfile(library, place / "libriser.so")
            return
        with tempfile.TemporaryDirectory() as prefix:
            flags = shlex.split(os.environ.get("RISER_CARGO_FLAGS", ""))
            subprocess.run([str(INSTALL), prefix, *flags], check=True)
            shutil.copyfile(Path(prefix) / "lib" / "libriser.so", place / "libriser.so")


class WithLibrary(Distribution):
    """A distribution for one platform."""

    def has_ext_modules(self):
        return True


setup(cmdclass={"build_py": Build}, distclass=WithLibrary)
