"""Reads a snapshot (docs/src/snapshot-format.md) and prints what `riser snapshot show` prints."""

import hashlib
import struct
import sys
import zlib

sys.dont_write_bytecode = True
from read_wasi_state import quoted, show_wasi

TYPES = {
    0x7F: ("i32", 4), 0x7E: ("i64", 8), 0x7D: ("f32", 4), 0x7C: ("f64", 8), 0x7B: ("v128", 16),
    0x70: ("funcref", 4), 0x6F: ("externref", 4), 0x69: ("exnref", 4),
}
NULL = 0xFFFFFFFF
STOPS = ["entry", "loop", "call"]
ORDER = ["module", "code", "externs", "exceptions", "frames", "globals", "tables", "memories", "segments", "fuel"]
OPTIONAL = {"code", "fuel"}


class Input:
    """Bytes that are read in order."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if self.at + count > len(self.data):
            raise ValueError("the snapshot ends early")
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, size):
        return int.from_bytes(self.take(size), "little")

    def u8(self):
        return self.number(1)

    def u32(self):
        return self.number(4)

    def u64(self):
        return self.number(8)

    def text(self):
        return self.take(self.u8()).decode()

    def list(self, item):
        return [item() for _ in range(self.u32())]

    def is_at_end(self):
        return self.at == len(self.data)


def decompress(block, size):
    """A block of LZ4, without a frame."""
    out, at = bytearray(), 0

    def length(four_bits):
        nonlocal at
        total = four_bits
        while four_bits == 15:
            total += block[at]
            at += 1
            if block[at - 1] != 255:
                break
        return total

    while at < len(block):
        token = block[at]
        at += 1
        literals = length(token >> 4)
        out += block[at:at + literals]
        at += literals
        if at == len(block):
            break
        (distance,) = struct.unpack_from("<H", block, at)
        at += 2
        for _ in range(length(token & 15) + 4):
            out.append(out[-distance])
    if len(out) != size:
        raise ValueError("a block has another size than it says")
    return bytes(out)


def value(data):
    name, size = TYPES[data.u8()]
    bits = data.number(size)
    if not name.endswith("ref"):
        return f"{name} {bits:#x}"
    return f"{name} null" if bits == NULL else f"{name} {bits}"


def show_module(data, sections):
    digest, size = data.take(32), data.u64()
    code = sections.get("code")
    if code is not None and hashlib.sha256(code).digest() != digest:
        raise ValueError("the code is that of another module")
    yield f"module {digest.hex()}, {size} bytes, {'not included' if code is None else 'included'}"
    yield "proposals " + " ".join(data.list(data.text))


def show_values(what, values):
    for number, text in enumerate(values):
        yield f"{what} {number} {text}"


def show_exceptions(data):
    for number in range(data.u32()):
        yield f"exception {number} tag {data.u32()}"
        yield from show_values(f"exception {number} value", data.list(lambda: value(data)))


def show_frames(data):
    for number in range(data.u32()):
        function, offset, stop = data.u32(), data.u32(), STOPS[data.u8()]
        yield f"frame {number} function {function} at {offset:#x} {stop}"
        yield from show_values(f"frame {number} local", data.list(lambda: value(data)))
        yield from show_values(f"frame {number} operand", data.list(lambda: value(data)))


def show_tables(data):
    for number in range(data.u32()):
        element, size = TYPES[data.u8()][0], data.u64()
        references = []
        for _ in range(data.u32()):
            start = data.u64()
            references += [f"{start + at}={index}" for at, index in enumerate(data.list(data.u32))]
        yield f"table {number} {element} {size} elements {' '.join(references)}"


def show_memories(data):
    for number in range(data.u32()):
        yield f"memory {number} {data.u64()} bytes"
        for _ in range(data.u32()):
            start, size, is_compressed = data.u64(), data.u32(), data.u8()
            stored = data.take(data.u32())
            content = decompress(stored, size) if is_compressed else stored
            yield f"memory {number} at {start:#x} {size} bytes, stored in {len(stored)}, sum {sum(content)}"


def show_segments(data):
    for what in ["data", "elements"]:
        flags = data.list(data.u8)
        yield f"dropped {what} " + " ".join(str(at) for at, dropped in enumerate(flags) if dropped)


def read(data):
    """The sections of a snapshot by their names, in order."""
    if data[:8] != b"\0wasmsnp":
        raise ValueError("this is no snapshot")
    if zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], "little"):
        raise ValueError("the checksum is wrong")
    content = Input(data[:-4])
    content.take(8)
    if content.u32() != 2:
        raise ValueError("the format has another version")
    sections = {}
    while not content.is_at_end():
        name = content.text()
        if name in sections:
            raise ValueError(f"the section {name} is there twice")
        sections[name] = content.take(content.u64())
    known = [name for name in sections if not name.startswith("host:")]
    expected = [name for name in ORDER if name in sections or name not in OPTIONAL]
    if known != expected or list(sections)[:len(known)] != known:
        raise ValueError("a section is missing, unknown, or not in its place")
    return sections


def show(sections):
    """The lines of `riser snapshot show`."""
    inputs = {name: Input(content) for name, content in sections.items()}
    yield from show_module(inputs["module"], sections)
    if "fuel" in inputs:
        yield f"fuel {inputs['fuel'].u64()}"
    externs = inputs["externs"]
    yield from show_values("extern", externs.list(lambda: f"{len(externs.take(externs.u32()))} bytes"))
    yield from show_exceptions(inputs["exceptions"])
    yield from show_frames(inputs["frames"])
    values = inputs["globals"]
    yield from show_values("global", values.list(lambda: value(values)))
    yield from show_tables(inputs["tables"])
    yield from show_memories(inputs["memories"])
    yield from show_segments(inputs["segments"])
    for name, content in sections.items():
        if name.startswith("host:"):
            yield f"section {quoted(name[5:])} {len(content)} bytes"
        elif name != "code" and not inputs[name].is_at_end():
            raise ValueError(f"the section {name} has bytes left over")
    if "host:wasi-preview1" in inputs:
        yield from show_wasi(inputs["host:wasi-preview1"])
        if not inputs["host:wasi-preview1"].is_at_end():
            raise ValueError("the WASI state has bytes left over")


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        print("\n".join(show(read(file.read()))))
