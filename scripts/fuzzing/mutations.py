"""Changes to files that nobody means well: of bytes, of numbers in text, and of the values of a structure."""
import copy
import csv
import io
import json
import re
import struct

NUMBERS = [
    "0", "-0", "1", "-1", "2", "3.5", "255", "256", "65535", "65536", "65537", "2147483647", "2147483648", "-2147483649",
    "4294967296", "9007199254740993", "4611686018427387904", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "18446744073709551615", "18446744073709551616", "99999999999999", "1e18", "2e18", "1e19", "1e300",
    "-1e300", "1e-320", "5e-324", "1e999", "nan", "NaN", "inf", "-inf", "Infinity", "0x10", "1_000", "１２", "", "1e", "+1", "1,5",
]
TEXTS = [
    "", " ", "\x00", "\t", "\n", "\r\n", '"', "'", "\\", "../..", "/etc/passwd", "a" * 300, "é", "e\u0301", "日本", "\u202e", "\x1b[31m",
    "=2+5", "<script>", "%s%n", "$(id)", "${HOME}", "~", "*", "&a", "null", "true", "[", "{", "}", ",", "NaN", "\U0001F600",
]
VALUES = [
    None, True, False, 0, 1, -1, 2, 3.5, 1e300, -1e300, 1e-320, 2**31, 2**53 + 1, 2**62, 2**63 - 1, 2**63, 2**64, -2**63, 10**30, "", "x",
    "0", "-1", [], {}, [None], [[]], {"": 1}, [1] * 100, "a" * 5000,
]
INTEGERS = [0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 40, 1 << 53, 1 << 61, (1 << 62) + 1,
            (1 << 63) - 1, 1 << 63, (1 << 64) - 1]


def damage(data, random, other=b""):
    """Some changes of bytes; at least one."""
    data = bytearray(data)
    for _ in range(random.choice([1, 1, 1, 2, 3, 8])):
        if not data:
            data = bytearray(random.randbytes(8))
        place = random.randrange(len(data))
        kind = random.randrange(10)
        if kind == 0:
            data[place] ^= 1 << random.randrange(8)
        elif kind == 1:
            data[place] = random.choice([0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)])
        elif kind == 2:
            width = random.choice([1, 2, 4, 8])
            number = random.choice(INTEGERS) & ((1 << (8 * width)) - 1)
            data[place:place + width] = number.to_bytes(width, random.choice(["little", "big"]))
        elif kind == 3:
            del data[place:place + random.choice([1, 2, 4, 16, 256, len(data)])]
        elif kind == 4:
            data[place:place] = random.randbytes(random.choice([1, 2, 8, 64]))
        elif kind == 5:
            size = random.choice([1, 4, 32, 512])
            data[place:place] = data[place:place + size] * random.choice([1, 2, 50])
        elif kind == 6:
            del data[place:]
        elif kind == 7:
            size = random.choice([4, 64, 1024])
            data[place:place + size] = bytes([random.choice([0, 0xFF, 0x20])]) * size
        elif kind == 8 and other:
            start = random.randrange(len(other))
            data[place:place + 64] = other[start:start + random.choice([8, 64, 1024])]
        else:
            target = random.randrange(len(data))
            size = random.choice([1, 8, 64])
            piece = bytes(data[place:place + size])
            data[target:target + len(piece)] = piece
    return bytes(data)


def text(data, random):
    """Another number or word in a text, or lines in another order."""
    words = data.decode("utf-8", "surrogateescape")
    for _ in range(random.choice([1, 1, 2, 4])):
        kind = random.randrange(6)
        tokens = list(re.finditer(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?" if kind < 3 else r"[A-Za-z_][\w.-]*", words))
        if tokens and kind < 5:
            token = random.choice(tokens)
            words = words[:token.start()] + random.choice(NUMBERS if kind < 4 else TEXTS) + words[token.end():]
        else:
            lines = words.split("\n")
            place = random.randrange(len(lines))
            change = random.randrange(4)
            if change == 0:
                del lines[place]
            elif change == 1:
                lines[place:place] = [lines[place]] * random.choice([1, 3, 200])
            elif change == 2:
                other = random.randrange(len(lines))
                lines[place], lines[other] = lines[other], lines[place]
            else:
                lines[place] = random.choice(["  ", "\t", "- ", "#", ""]) + lines[place] + random.choice([":", ",", '"', "]", ""])
            words = "\n".join(lines)
    return words.encode("utf-8", "surrogateescape")


def nodes(value, path=()):
    """The places of all values in a JSON document."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from nodes(value[key], path + (key,))
    elif isinstance(value, list):
        for index in range(min(len(value), 40)):
            yield from nodes(value[index], path + (index,))


def tree(document, random):
    """Another value, a missing or another key, a longer list or a deep one somewhere in a JSON document."""
    document = copy.deepcopy(document)
    for _ in range(random.choice([1, 1, 1, 2, 5])):
        path = random.choice(list(nodes(document)))
        if not path:
            continue
        holder = document
        for step in path[:-1]:
            holder = holder[step]
        key = path[-1]
        kind = random.randrange(8)
        if kind < 4:
            holder[key] = copy.deepcopy(random.choice(VALUES))
        elif kind == 4:
            del holder[key]
        elif kind == 5 and isinstance(holder, dict):
            holder[random.choice(TEXTS + [str(key).upper(), str(key) + "s"])] = holder.pop(key)
        elif kind == 6:
            deep = holder[key]
            for _ in range(random.choice([1, 3, 200])):
                deep = [deep]
            holder[key] = deep
        elif isinstance(holder, list):
            holder[key:key] = [copy.deepcopy(holder[key])] * random.choice([1, 3, 100])
        elif isinstance(holder[key], (int, float)) and not isinstance(holder[key], bool):
            holder[key] = random.choice([-holder[key], holder[key] * 1e6, holder[key] + 0.5, holder[key] - 1])
    return document


def json_bytes(data, random):
    """A JSON file changed as a document, as a text or as bytes."""
    kind = random.randrange(10)
    if kind < 6:
        try:
            return json.dumps(tree(json.loads(data), random), ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
        except (ValueError, RecursionError):
            pass
    return text(data, random) if kind < 9 else damage(data, random)


def table(data, random):
    """A CSV file with other cells, columns or rows."""
    if random.random() < 0.25:
        return damage(data, random) if random.random() < 0.5 else text(data, random)
    rows = [row for row in csv.reader(io.StringIO(data.decode())) if row]
    for _ in range(random.choice([1, 1, 2, 6])):
        row = random.choice(rows)
        kind = random.randrange(8)
        if kind < 3:
            row[random.randrange(len(row))] = random.choice(NUMBERS)
        elif kind < 5:
            row[random.randrange(len(row))] = random.choice(TEXTS)
        elif kind == 5:
            column = random.randrange(len(rows[0]))
            for other in rows:
                del other[column:column + 1]
            if not rows[0]:
                break
        elif kind == 6:
            rows.append(list(random.choice(rows)))
        elif len(rows) > 1:
            rows.remove(row)
    rows = [row or [""] for row in rows]
    out = io.StringIO()
    csv.writer(out, lineterminator=random.choice(["\n", "\r\n"])).writerows(rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


def safetensors(data, random):
    """A checkpoint whose header, or whose length of it, is another."""
    (length,) = struct.unpack("<Q", data[:8])
    kind = random.randrange(4)
    if kind == 0:
        return damage(data, random)
    if kind == 1:
        return struct.pack("<Q", random.choice(INTEGERS)) + data[8:]
    header = json_bytes(data[8:8 + length], random)
    if kind == 2:
        header += b" " * (-len(header) % 8)
        return struct.pack("<Q", len(header)) + header + data[8 + length:]
    return data[:8] + header[:length].ljust(length) + data[8 + length:]
