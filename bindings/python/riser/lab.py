"""Experiments: a function under several configurations, with times, statistics and counts.

    from riser import lab

    measured = lab.measure(wasm, "run", [100], lab.dispatches())
    print(lab.table(measured))
    lab.plot(measured, "dispatch.svg")

A configuration is words, as for `riser bench`: a mode, `naive`, `dispatch=NAME`, `bounds=NAME`, `off=NAME+NAME`, `on=NAME+NAME`,
`opt=LEVEL`; `interp,dispatch=switch`.
"""

from __future__ import annotations

import ctypes
import statistics
import time
from dataclasses import dataclass, field
from html import escape
from typing import Any, Callable, Iterable, Sequence

from . import _library as c
from ._engine import Config, Engine, Store
from ._errors import RiserError, check
from ._func import Func
from ._handle import Handle
from ._instance import Linker
from ._library import lib, names
from ._module import Module, Statistics


def modes() -> list[str]:
    """The modes that the build and the machine have."""
    return [mode for mode in names(lib.riser_mode_name) if lib.riser_is_mode_supported(mode.encode())]


def dispatch_strategies() -> list[str]:
    """How the register interpreter can dispatch."""
    return names(lib.riser_dispatch_name)


def bounds_strategies() -> list[str]:
    """How accesses to memories can be kept in bounds."""
    return names(lib.riser_bounds_name)


def switches() -> dict[str, str]:
    """The optimisations of the translator, with what they do."""
    return dict(zip(names(lib.riser_switch_name), names(lib.riser_switch_description)))


def proposals() -> list[str]:
    """The proposals that can be turned on and off."""
    return names(lib.riser_proposal_name)


def _is_mode(word: str) -> bool:
    return "=" not in word and word != "naive"


@dataclass(frozen=True)
class Configuration:
    """How something runs, in words, with a name for tables."""

    words: str
    name: str = ""

    def __post_init__(self) -> None:
        words = self._split()
        modes = [word for word in words if _is_mode(word)]
        if len(modes) > 1:
            raise ValueError(f"`{self.words}` has {len(modes)} modes: {', '.join(modes)}")
        keys = [word.partition("=")[0] for word in words if "=" in word]
        for key in keys:
            if key not in ("on", "off") and keys.count(key) > 1:
                raise ValueError(f"`{self.words}` has `{key}=` {keys.count(key)} times")

    def __str__(self) -> str:
        return self.name or self.words

    @property
    def mode(self) -> str:
        """The mode."""
        return next(filter(_is_mode, self._split()), "interp")

    def _split(self) -> list[str]:
        return self.words.replace(",", " ").split()

    def config(self) -> Config:
        """A new configuration of an engine. Raises an error for a word that means nothing."""
        config = Config(mode=self.mode)
        words = self._split()
        if "naive" in words:
            config.switches(False)
        for word in words:
            key, is_pair, value = word.partition("=")
            if not is_pair:
                continue
            if key in ("on", "off"):
                for name in value.split("+"):
                    config.switch(name, key == "on")
            elif key == "opt":
                config.opt_level(self.mode, value)
            elif key in ("dispatch", "bounds", "compilation"):
                setattr(config, key, value)
            else:
                raise RiserError(f"the word `{word}` means nothing; a mode, naive, dispatch=, bounds=, compilation=, "
                                 "opt=, on= and off= are known")
        return config


def dispatches() -> list[Configuration]:
    """The register interpreter with each dispatch strategy."""
    return [Configuration(f"interp,dispatch={name}", name) for name in dispatch_strategies()]


def ablations() -> list[Configuration]:
    """The register interpreter with all optimisations, without each of them, and without any."""
    without = [Configuration(f"interp,off={name}", f"without {name}") for name in switches()]
    return [Configuration("interp", "all"), *without, Configuration("interp,naive", "none")]


@dataclass(frozen=True)
class Counts:
    """What the register interpreter has executed. A pair of instructions may take one dispatch."""

    instructions: int
    dispatches: int
    taken_branches: int
    calls: int


@dataclass
class Measurement:
    """What a configuration has shown."""

    configuration: Configuration
    result: Any = None
    times_ns: list[int] = field(default_factory=list)
    statistics: Statistics | None = None
    fuel: int | None = None
    counts: Counts | None = None

    @property
    def best_ns(self) -> int:
        """The shortest time."""
        return min(self.times_ns)

    @property
    def median_ns(self) -> float:
        """The time in the middle."""
        return statistics.median(self.times_ns)


# What defines imports, before a module is instantiated: it gets the linker and the store.
Link = Callable[[Linker, Store], object]


class _Subject:
    """A module in an engine of its own."""

    def __init__(self, config: Config, wasm: str | bytes, link: Link | None):
        self.engine = Engine(config)
        self.module = Module(self.engine, wasm)
        self.link = link

    def store(self) -> Store:
        return Store(self.engine)

    def func(self, store: Store, export: str) -> Func:
        linker = Linker(self.engine)
        if self.link is not None:
            self.link(linker, store)
        func = linker.instantiate(store, self.module).exports(store)[export]
        if not isinstance(func, Func):
            raise RiserError(f"the export `{export}` is not a function")
        return func


def measure(
    wasm: str | bytes,
    export: str,
    args: Sequence[Any] = (),
    configurations: Iterable[Configuration | str] = ("interp",),
    *,
    rounds: int = 5,
    warm_up: int = 1,
    link: Link | None = None,
    fuel: bool = False,
    count: bool = False,
) -> list[Measurement]:
    """Calls an exported function in every configuration, `rounds` times, in turns, so that what else the machine does falls on all.

    Each call has a fresh instance, which has been called `warm_up` times before: so code is made outside of the time. `fuel` adds
    what a call consumes, and `count` what the register interpreter executes, both by runs of their own. All results have to agree.
    Configurations have names of their own, which tables and drawings know them by: `Configuration(words, name)`.
    """
    chosen = [it if isinstance(it, Configuration) else Configuration(it) for it in configurations]
    called = [str(it) for it in chosen]
    for name in called:
        if called.count(name) > 1:
            raise ValueError(f"{called.count(name)} configurations are called `{name}`: give them names of their own")
    subjects = [_Subject(it.config(), wasm, link) for it in chosen]
    measured = [Measurement(it) for it in chosen]
    for _ in range(rounds):
        for subject, measurement in zip(subjects, measured):
            store = subject.store()
            func = subject.func(store, export)
            for _ in range(warm_up):
                func(store, *args)
            started = time.perf_counter_ns()
            measurement.result = func(store, *args)
            measurement.times_ns.append(time.perf_counter_ns() - started)
    for subject, measurement in zip(subjects, measured):
        measurement.statistics = subject.module.statistics
        if fuel:
            measurement.fuel = _fuel(measurement.configuration, wasm, export, args, link)
        if count and measurement.configuration.mode == "interp":
            measurement.counts = _counts(measurement.configuration, wasm, export, args, link)
    results = {repr(it.result) for it in measured}
    if len(results) > 1:
        raise RiserError(f"the configurations do not agree: {', '.join(sorted(results))}")
    return measured


def _fuel(configuration: Configuration, wasm: str | bytes, export: str, args: Sequence[Any], link: Link | None) -> int:
    config = configuration.config()
    config.consume_fuel = True
    subject = _Subject(config, wasm, link)
    store, tank = subject.store(), 1 << 62
    store.set_fuel(tank)
    func = subject.func(store, export)
    before = store.get_fuel()
    func(store, *args)
    return before - store.get_fuel()


class Counter(Handle):
    """Counts what stores execute that are made with it, in an engine whose dispatch strategy is `profile`."""

    def __init__(self) -> None:
        super().__init__(lib.riser_counter_new(), lib.riser_counter_delete)

    def count(self, store: Store) -> None:
        """Counts from now on what the store executes; the counts arrive when nothing refers to the store any more."""
        check(lib.riser_store_count_instructions(store._pointer, self._pointer))

    def take(self) -> Counts:
        """Takes the counts that have arrived."""
        counts = c.Counts()
        lib.riser_counter_take(self._pointer, ctypes.byref(counts))
        return Counts(*(getattr(counts, name) for name in c.field_names(c.Counts)))


def _counts(
    configuration: Configuration, wasm: str | bytes, export: str, args: Sequence[Any], link: Link | None
) -> Counts:
    config = configuration.config()
    config.dispatch = "profile"
    subject, counter = _Subject(config, wasm, link), Counter()
    store = subject.store()
    counter.count(store)
    func = subject.func(store, export)
    func(store, *args)
    del func, store
    return counter.take()


def table(measured: Sequence[Measurement]) -> str:
    """The measurements as text, with the times relative to the first one's."""
    width = max(len(str(it.configuration)) for it in measured)
    lines = [f"{'configuration':<{width}}  {'median ms':>11}  {'best ms':>11}  {'relative':>8}"]
    for it in measured:
        relative = it.median_ns / measured[0].median_ns
        line = f"{str(it.configuration):<{width}}  {it.median_ns / 1e6:11.4f}  {it.best_ns / 1e6:11.4f}  {relative:8.3f}"
        if it.counts is not None:
            line += f"  {it.counts.dispatches} dispatches of {it.counts.instructions} instructions"
        if it.fuel is not None:
            line += f"  {it.fuel} fuel"
        lines.append(line)
    return "\n".join(lines)


def plot(measured: Sequence[Measurement], path: str, title: str = "") -> str:
    """Draws the medians as bars, with a line from the shortest to the longest time, and returns what has drawn them.

    With matplotlib if that is installed, in the format of the path's ending; else as SVG.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        with open(path, "w", encoding="utf-8") as file:
            file.write(svg(measured, title))
        return "svg"
    figure = Figure(figsize=(8, 1 + 0.4 * len(measured)))
    axes = figure.subplots()
    medians = [it.median_ns / 1e6 for it in measured]
    below = [median - it.best_ns / 1e6 for median, it in zip(medians, measured)]
    above = [max(it.times_ns) / 1e6 - median for median, it in zip(medians, measured)]
    axes.barh([str(it.configuration) for it in measured], medians, xerr=[below, above])
    axes.invert_yaxis()
    axes.set_xlabel("ms")
    axes.set_title(title)
    figure.tight_layout()
    figure.savefig(path)
    return "matplotlib"


def svg(measured: Sequence[Measurement], title: str = "") -> str:
    """The measurements as a drawing in SVG."""
    row, left, width = 28, 240, 480
    most = max(max(it.times_ns) for it in measured)
    x = lambda ns: left + width * ns / most
    height = row * (len(measured) + 1) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 110}" height="{height}" '
        'font-family="sans-serif" font-size="13">',
        f'<text x="{left}" y="18" font-weight="bold">{escape(title)}</text>',
    ]
    for number, it in enumerate(measured, 1):
        top, middle = row * number, row * number + row / 2
        parts.append(f'<text x="{left - 8}" y="{middle + 4}" text-anchor="end">{escape(str(it.configuration))}</text>')
        bar = x(it.median_ns) - left
        parts.append(f'<rect x="{left}" y="{top + 4}" width="{bar:.1f}" height="{row - 8}" fill="#4a78a8"/>')
        ends = f'x1="{x(it.best_ns):.1f}" x2="{x(max(it.times_ns)):.1f}"'
        parts.append(f'<line {ends} y1="{middle}" y2="{middle}" stroke="black"/>')
        at = x(max(it.times_ns)) + 6
        parts.append(f'<text x="{at:.1f}" y="{middle + 4}">{it.median_ns / 1e6:.3f} ms</text>')
    parts.append("</svg>")
    return "\n".join(parts) + "\n"
