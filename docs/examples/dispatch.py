"""Compares the dispatch strategies of the register interpreter, and draws what it finds.

    pip install ./bindings/python
    python3 docs/examples/dispatch.py                           a recursion, in figures
    python3 docs/examples/dispatch.py dispatch.svg              the same, drawn
    python3 docs/examples/dispatch.py dispatch.svg FILE EXPORT ARGUMENT..
"""

import sys
from pathlib import Path

from riser import lab

FIB = """
(module
  (func $fib (export "run") (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                     (call $fib (i32.sub (local.get 0) (i32.const 2))))))))
"""


def main(arguments: list[str]) -> None:
    picture, file, export, *numbers = (arguments + ["", "", "run", "22"][len(arguments) :])[: max(4, len(arguments))]
    wasm = Path(file).read_bytes() if file else FIB
    measured = lab.measure(wasm, export, [int(number) for number in numbers], lab.dispatches(), rounds=9, count=True)
    print(lab.table(measured))
    if picture:
        print(f"{picture}: drawn by {lab.plot(measured, picture, 'Dispatch strategies')}")


if __name__ == "__main__":
    main(sys.argv[1:])
