"""The WASI state in a snapshot (docs/src/snapshot-format.md), as `riser snapshot show` prints it."""

import json

NULL = 0xFFFFFFFF


def text(data):
    return data.take(data.u32()).decode()


def quoted(string):
    return json.dumps(string).replace("\x7f", "\\u007f")


def show_wasi(data):
    for number, argument in enumerate(data.list(lambda: text(data))):
        yield f"wasi argument {number} {quoted(argument)}"
    for number, (name, content) in enumerate(data.list(lambda: (text(data), text(data)))):
        yield f"wasi variable {number} {quoted(name)} {quoted(content)}"
    yield f"wasi clocks real {data.u64()}" if data.u8() == 0 else f"wasi clocks deterministic {data.u64()} {data.u64()}"
    random = data.u8()
    yield "wasi random " + (f"seeded {data.u64():#x}" if random == 1 else ["system", "", "own"][random])
    for number, (name, tree) in enumerate(data.list(lambda: (text(data), data.u32()))):
        yield f"wasi directory {number} {quoted(name)} {'host' if tree == NULL else 'memory'}"
    for _ in range(data.u32()):
        number, flags, base, inheriting, kind = data.u32(), data.number(2), data.u64(), data.u64(), data.u8()
        target = ["stdin", "stdout", "stderr"][kind] if kind < 3 else f"directory {data.u32()}"
        if kind == 4:
            path, file_type, offset, size = text(data), data.u8(), data.u64(), data.u64()
            target = f"{quoted(path)} in {target}, type {file_type}, at {offset} of {size}"
        if data.u8():
            data.list(lambda: (text(data), data.u64(), data.u8()))
        yield f"wasi descriptor {number} {target}, flags {flags:#x}, rights {base:#x} {inheriting:#x}"
    for _ in range(data.u32()):
        data.u64()
        for _ in range(data.u32()):
            data.take(32)
            kind = data.u8()
            if kind == 0:
                data.take(data.u64())
            elif kind == 1:
                data.list(lambda: (text(data), data.u32()))
            else:
                text(data)
