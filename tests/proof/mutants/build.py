# SPDX-License-Identifier: MIT
"""Builds mutated copies of product files, and the unit tests and the module
with them, in a folder of its own, from what a finished build has left.

All objects are put into one archive, a mutated one in place of the usual one.
"""
import concurrent.futures
import glob
import os
import re
import shlex
import subprocess

import makefile
import rewrite

# The lines that keep the promises.
SOURCES = [f'verifier/engine/{n}.c' for n in (
    'admit attempt challenge challenges confirm deliver entrants factors grace grants '
    'groups lapse login newcomer permit policy prove remember repo repo_decoy restore '
    'rules throttle work').split()] + [f'verifier/provider/{n}.c' for n in (
        'common grant hotp otp outside providers recovery_code setup '
        'totp').split()] + [
    'verifier/otp/hotp.c', 'verifier/otp/totp.c', 'verifier/vault/envelope.c',
    'verifier/requests.c', 'verifier/places.c'] + [
    f'pam_medusa_mfa/{n}.c' for n in (
        'account bound converse login mark result split').split()] + [
    'lib/base/num.c', 'lib/base/path.c', 'lib/base/secret.c',
    'lib/base/turn.c', 'lib/base/verdict.c', 'lib/client/connect.c'] + [
    # Locks, owners and names; what a record may hold.
    'verifier/store/store_file.c', 'verifier/vault/keyring.c',
    'verifier/runner/safe.c', 'verifier/engine/subject.c',
    'verifier/engine/codec.c']
OBJECTS = ('tests/unit', 'utils', 'pam_medusa_mfa', 'verifier', 'programs', 'lib',
           'protocol')
LIBRARIES = 'CMOCKA CRYPTO SODIUM INIH NANOPB JANSSON QRENCODE LIBCURL'
# Longer than all that they could kill is worth.
SLOW = ('test_runner', 'test_runner_pool', 'test_runner_run')


class Build:
    def __init__(self, top, built, folder):
        self.top, self.built, self.folder = top, built, folder
        self.here = os.path.dirname(os.path.abspath(__file__))
        self.mutants = []
        self.objects = {}
        self.read_makefile()

    def read_makefile(self):
        libraries = LIBRARIES.split()
        value = makefile.values(self.built, [
            'CC', 'unit_tests', *(f'{n}_LIBS' for n in libraries)])
        self.flags = makefile.compile_flags(self.built, libraries)
        self.cc = value['CC']
        self.libs = [lib for n in libraries for lib in value[f'{n}_LIBS']]
        self.tests = [os.path.basename(t) for t in value['unit_tests']
                      if os.path.basename(t) not in SLOW]
        value = makefile.values(self.built, [
            f'tests_unit_{t}_{w}' for t in self.tests
            for w in ('LDFLAGS', 'OBJECTS', 'LDADD')])
        self.wraps, self.sdk, self.parts = {}, set(), {}
        for t in self.tests:
            self.wraps[t] = [f for f in value[f'tests_unit_{t}_LDFLAGS']
                             if '--wrap' in f]
            if 'lib/libsdk.la' in value[f'tests_unit_{t}_LDADD']:
                self.sdk.add(t)
            self.parts[t] = [f'{self.built}/{o}' for o in
                             value[f'tests_unit_{t}_OBJECTS'] or
                             [f'tests/unit/{t}.o']]

    def call(self, *command):
        done = subprocess.run(command, cwd=self.built, text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            raise SystemExit(f'{shlex.join(command)}\n{done.stdout}')

    def compile(self, source, target):
        self.call(*self.cc, '-w', '-O0', '-fPIC', *self.flags,
                  f'-I{self.here}', '-c', source, '-o', target)

    def copies(self, names):
        """Rewrites and compiles; numbers begin with 1 in each build."""
        os.makedirs(self.folder, exist_ok=True)
        work = []
        for name in names:
            text, found = rewrite.rewrite(
                self.top, name, self.flags, len(self.mutants) + 1)
            for m in found:
                m['file'] = name
            self.mutants += found
            flat = f'{self.folder}/{name.replace("/", "_")}'
            with open(flat, 'w', encoding='utf-8') as f:
                f.write(text)
            self.objects[name] = flat[:-2] + '.o'
            work.append((flat, self.objects[name]))
        work.append((f'{self.here}/mutant.c', f'{self.folder}/mutant.o'))
        self.all(self.compile, work)
        self.archive()

    def archive(self):
        """All objects, a mutated one in place of its own; and those of the
        library for applications, which has names that the verifier has."""
        found = sorted(o for p in OBJECTS for o in glob.glob(
            f'{self.built}/{p}/.libs/*.o') + glob.glob(
            f'{self.built}/{p}/*/.libs/*.o'))
        usual = set(map(self.usual, found))
        missing = [n for n in self.objects if n not in usual]
        if missing:
            raise SystemExit(f'no object of {missing} below {self.built}')
        for name, below in (('whole', ''), ('client', ('lib/', 'protocol/'))):
            self.call('ar', 'qcs', f'{self.folder}/{name}.a',
                      *[o for n, o in self.objects.items()
                        if n.startswith(below)],
                      *[o for o in found if self.usual(o).startswith(below) and
                        self.usual(o) not in self.objects and
                        (name == 'client' or '/sdk' not in o) and
                        not o.endswith('/entry.o')])

    def usual(self, path):
        """The source of a libtool object."""
        folder, name = os.path.split(os.path.relpath(path, self.built))
        name = re.sub(r'^lib[a-z]+_la-', '', name)
        return f'{os.path.dirname(folder)}/{name[:-2]}.c'

    def link(self, test):
        # Now: what ld.so looks up later leaves registers on a test's stack.
        self.call(*self.cc, '-Wl,--as-needed', '-Wl,-z,now',
                  *self.wraps[test], '-o', f'{self.folder}/{test}',
                  *self.parts[test], f'{self.folder}/mutant.o',
                  f'{self.folder}/{"client" if test in self.sdk else "whole"}.a',
                  *self.libs, '-lpam', '-lutil')

    def link_module(self):
        self.call(*self.cc, '-shared', '-o', f'{self.folder}/pam_medusa_mfa.so',
                  f'{self.built}/pam_medusa_mfa/.libs/entry.o',
                  f'{self.folder}/mutant.o', f'{self.folder}/whole.a',
                  '-Wl,--version-script=' +
                  f'{self.top}/pam_medusa_mfa/pam_medusa_mfa.map',
                  '-Wl,-z,nodelete', '-lprotobuf-nanopb', '-lpam')

    @staticmethod
    def all(function, work):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda args: function(*args), work))

    def tests_of(self, tests):
        self.all(self.link, [(t,) for t in tests])
