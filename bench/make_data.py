#!/usr/bin/env python3
"""Makes the inputs of scripts/bench from real trails, in a folder outside the project.

    make_data.py TRAILS OUT       TRAILS: a folder of CloudTrail files, OUT: a new or empty folder

    OUT/gz-1mb/     12 files of about 1 MB, gzip
    OUT/gz-10mb/     4 files of about 10 MB, gzip
    OUT/plain/      the files of gz-1mb, not compressed
    OUT/manifest.json   files, bytes on disk, bytes inflated and records of each, and of TRAILS itself

The text of a record is the trail's, byte for byte, but for its eventID: a record that comes again gets an id of its
own, so that counting duplicates once does not make the work smaller.
Standard library only; the same bytes every time."""
import gzip
import hashlib
import json
import pathlib
import re
import sys
import zlib

SETS = {"gz-1mb": (12, 1_000_000), "gz-10mb": (4, 10_000_000)}
LEVEL = 6
SPACE = re.compile(r"[ \t\r\n,]*")


def read(path):
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def record_texts(text):
    """The source text of each element of {"Records":[...]} or [...]: cut out, never written anew."""
    start = re.match(r'\s*(\{\s*"Records"\s*:\s*)?\[', text)
    if not start:
        raise ValueError("neither an array nor Records")
    decode, at = json.JSONDecoder().raw_decode, start.end()
    while True:
        at = SPACE.match(text, at).end()
        if text[at] == "]":
            return
        value, end = decode(text, at)
        yield text[at:end], value.get("eventID")
        at = end


def load(trails):
    records, totals = [], {"files": 0, "disk_bytes": 0, "bytes": 0, "records": 0}
    for path in sorted(p for p in trails.rglob("*") if p.is_file() and p.name.endswith((".json", ".json.gz"))):
        data = read(path)
        found = list(record_texts(data.decode("utf-8")))
        records += found
        totals["files"] += 1
        totals["disk_bytes"] += path.stat().st_size
        totals["bytes"] += len(data)
        totals["records"] += len(found)
    return records, totals


def endless(records):
    """The records over and over; an eventID seen before is replaced, in all places where the record has it."""
    used, turn = set(), 0
    while True:
        for number, (text, event_id) in enumerate(records):
            if event_id and event_id in used:
                h = hashlib.md5(f"{turn} {number} {event_id}".encode()).hexdigest()
                fresh = "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))
                text = text.replace(event_id, fresh)
            elif event_id:
                used.add(event_id)
            yield text.encode("utf-8")
        turn += 1


def write_file(path, source, disk_bytes, plain_path):
    z = zlib.compressobj(LEVEL, zlib.DEFLATED, 31)
    size = count = done = 0
    plain = open(plain_path, "wb") if plain_path else None
    with open(path, "wb") as out:
        def put(piece):
            nonlocal size, done
            size += len(piece)
            done += out.write(z.compress(piece))
            if plain:
                plain.write(piece)

        put(b'{"Records":[')
        while done < disk_bytes:
            put((b"," if count else b"") + next(source))
            count += 1
        put(b"]}")
        done += out.write(z.flush())
    if plain:
        plain.close()
    return {"disk_bytes": done, "bytes": size, "records": count}


def make(trails, out):
    records, totals = load(trails)
    if not records:
        raise SystemExit(f"no records under {trails}")
    manifest = {"trails": dict(totals, path=str(trails))}
    (out / "plain").mkdir(parents=True)
    for name, (files, disk_bytes) in SETS.items():
        (out / name).mkdir()
        source, total = endless(records), {"files": files, "disk_bytes": 0, "bytes": 0, "records": 0}
        for i in range(files):
            plain = out / "plain" / f"{i:02}.json" if name == "gz-1mb" else None
            made = write_file(out / name / f"{i:02}.json.gz", source, disk_bytes, plain)
            for key, value in made.items():
                total[key] += value
        manifest[name] = dict(total, path=str(out / name))
    one = manifest["gz-1mb"]
    manifest["plain"] = dict(one, disk_bytes=one["bytes"], path=str(out / "plain"))
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    return manifest


def main():
    if len(sys.argv) != 3 or any(word.startswith("-") for word in sys.argv[1:]):
        raise SystemExit("usage: make_data.py TRAILS OUT")
    for name, row in make(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])).items():
        print(f"{name}: {row['files']} files, {row['disk_bytes']} bytes on disk, {row['bytes']} inflated, "
              f"{row['records']} records")


if __name__ == "__main__":
    main()
