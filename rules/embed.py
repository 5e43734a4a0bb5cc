#!/usr/bin/env python3
"""Writes the rule files named on the command line as a C table: embed.py OUT.c FILE..."""
import os
import sys


def c_string(text):
    lines = text.decode("utf-8").splitlines(keepends=True) or [""]
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t")
               .replace("?", "\\?") for line in lines)
    return "\n        ".join('"%s"' % line for line in escaped)


def main(out_path, *paths):
    rows = []
    for path in sorted(paths):
        with open(path, "rb") as file:
            text = file.read()
        name = "rules/" + os.path.basename(path)
        rows.append('    {{"%s", %d},\n     {%s,\n      %d}},\n' % (name, len(name), c_string(text), len(text)))
    with open(out_path, "w", encoding="utf-8") as out:
        out.write("/* Made by rules/embed.py from rules/; not to be edited. */\n")
        out.write('#include "detect/builtin.h"\n\nconst struct nz_builtin_rule nz_builtin_rules[] = {\n')
        out.writelines(rows)
        out.write("};\n\nconst size_t nz_builtin_rules_count = sizeof nz_builtin_rules / sizeof nz_builtin_rules[0];\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
