#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What three tools find in the product's C code by reading it: gcc's
analyzer, clang-tidy (.clang-tidy says which checks) and cppcheck.

usage: static.py [--source FOLDER] [--build FOLDER] [--jobs N]

A finding that is none stands in explained.txt, with the reason.  A finding
that does not stand there is trouble, and so is a line there that explains
nothing any more.
"""
import argparse
import concurrent.futures
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f'{HERE}/../mutants')
sys.dont_write_bytecode = True
import makefile  # noqa: E402

EXPLAINED = f'{HERE}/explained.txt'
PRODUCT = ('lib', 'protocol', 'pam_medusa_mfa', 'programs', 'utils', 'verifier')
LIBRARIES = ('CRYPTO SODIUM INIH NANOPB JANSSON QRENCODE LIBCURL PSKC '
             'ZBAR').split()
# file:line:column: kind: text [check]
FINDING = re.compile(r'^(/[^:]+):(\d+):\d+: (?:warning|error|performance|'
                     r'portability|style|fatal error): (.*) \[([^]]+)\]$', re.M)
TROUBLE = re.compile(r'^.*(?:fatal error:|error: ).*$', re.M)


class Static:
    def __init__(self, options):
        self.top, self.jobs = options.source, options.jobs
        self.flags = makefile.compile_flags(options.build, LIBRARIES)
        self.built = options.build
        self.files = sorted(
            os.path.join(folder, name)
            for part in PRODUCT
            for folder, _, names in os.walk(f'{self.top}/{part}')
            for name in names
            if name.endswith('.c') and not name.endswith('.pb.c'))

    def run(self, *command):
        done = subprocess.run(command, cwd=self.top, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout

    def gcc(self, path):
        return self.run('gcc', '-O2', '-fanalyzer', *self.flags, '-c', path,
                        '-o', '/dev/null', '-fdiagnostics-plain-output')

    def tidy(self, path):
        return self.run('clang-tidy', '-quiet',
                        f'--config-file={self.top}/.clang-tidy', path, '--',
                        *self.flags)

    def cppcheck(self):
        flags = [f for f in self.flags if f.startswith(('-D', '-I')) and
                 not f.startswith('-I/usr/')]
        return self.run(
            'cppcheck', '-q', f'-j{self.jobs}', '--std=c11',
            '--enable=warning,performance,portability', '--library=posix',
            '--library=gnu', *self.plain_functions(),
            '--template={file}:{line}:{column}: {severity}: {message} [{id}]',
            *flags, '-DPB_PROTO_HEADER_VERSION=40', *self.files)

    def plain_functions(self):
        """The programs have one thread; the module and lib/ live in hosts."""
        return [f'--suppress={name}Called:{self.top}/{part}/*'
                for part in ('programs', 'utils', 'verifier')
                for name in ('getpwnam', 'getpwuid', 'getpwent', 'getgrnam',
                             'getgrgid', 'readdir')]

    def findings(self):
        """{(tool, check, file, text of the line): file:line: what}"""
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            out = {'gcc': '\n'.join(pool.map(self.gcc, self.files)),
                   'clang-tidy': '\n'.join(pool.map(self.tidy, self.files))}
        out['cppcheck'] = self.cppcheck()
        found = {}
        for tool, text in out.items():
            for m in FINDING.finditer(text):
                self.note(found, tool, *m.groups())
            for line in TROUBLE.findall(text):
                if not FINDING.match(line):
                    raise SystemExit(f'{tool}: {line}')
        return found

    def note(self, found, tool, path, number, what, check):
        name = os.path.relpath(path, self.top)
        check = re.sub(r'^CWE-\d+\] \[', '', check).split(',')[0]
        with open(path, encoding='utf-8') as f:
            line = f.read().split('\n')[int(number) - 1].strip()
        found[tool, check, name, line] = f'{name}:{number}: {what}'


def explained():
    """{finding: reason}; four lines a finding, an empty one between."""
    known = {}
    with open(EXPLAINED, encoding='utf-8') as f:
        text = re.sub(r'^# .*\n', '', f.read(), flags=re.M)
    for part in filter(None, map(str.strip, text.split('\n\n'))):
        head, line, *reason = part.split('\n')
        if len(' '.join(reason)) < 20:
            raise SystemExit(f'{EXPLAINED}: no reason: {head}')
        known[(*head.split(), line.strip())] = ' '.join(reason)
    return known


def main():
    p = argparse.ArgumentParser(usage=__doc__.split('\n\n')[1])
    p.add_argument('--source', default=os.environ.get('srcdir') or
                   f'{HERE}/../../..')
    p.add_argument('--build', default=os.environ.get('builddir') or '.')
    p.add_argument('--jobs', type=int, default=2)
    o = p.parse_args()
    o.source, o.build = map(os.path.realpath, (o.source, o.build))
    static, known = Static(o), explained()
    found = static.findings()
    new = [k for k in found if k not in known]
    old = [k for k in known if k not in found]
    for k in new:
        print(f'{k[0]} {k[1]} {k[2]}\n    {k[3]}\n  {found[k]}\n')
    for k in old:
        print(f'explains nothing any more: {" ".join(k)}')
    print(f'{len(static.files)} files; findings: '
          f'{len(found) - len(new)} explained, {len(new)} not')
    return 1 if new or old or not static.files else 0


if __name__ == '__main__':
    sys.exit(main())
