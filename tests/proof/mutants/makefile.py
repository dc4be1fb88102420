# SPDX-License-Identifier: MIT
"""What the configured Makefile says."""
import os
import re
import shlex
import subprocess


def values(built, names):
    """What these variables are in a build folder: {name: list of words}."""
    text = 'include Makefile\nproof-values:\n' + ''.join(
        f"\t@printf '%s\\n' '{n}='\"$(subst \",\\\",$({n}))\"\n"
        for n in names)
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(('MAKE', 'MFLAGS'))}
    out = subprocess.run(
        ['make', '-s', '-C', built, '-f', '-', 'proof-values'], input=text,
        env=env, check=True, text=True, stdout=subprocess.PIPE).stdout
    found = dict(line.split('=', 1) for line in out.splitlines() if '=' in line)
    return {n: shlex.split(found.get(n, '')) for n in names}


def compile_flags(built, libraries):
    """What the preprocessor is told, for any file of the tree."""
    names = ['DEFS', 'DEFAULT_INCLUDES', 'AM_CPPFLAGS',
             *(f'{n}_CFLAGS' for n in libraries)]
    value = values(built, names)
    flags = [f for n in names for f in value[n]
             if not f.startswith(('-U_FORT', '-D_FORT'))]
    return ['-std=gnu11', *(absolute(built, f) for f in flags)]


def absolute(built, flag):
    m = re.match(r'-I(\.\.?(/.*)?)$', flag)
    return f'-I{os.path.normpath(os.path.join(built, m[1]))}' if m else flag
