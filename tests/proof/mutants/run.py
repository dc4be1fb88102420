#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Changes the lines that keep the promises, one change at a time, and sees
whether a unit test or a script of the module notices.

usage: run.py [--source FOLDER] [--build FOLDER] [--jobs N] MODE...
modes
    --all [--only TEXT]   every change (whose id has TEXT; the name of a file
                          is quick); a line each of
                          those that nobody noticed and that are neither in
                          equivalent.txt (with the reason why no test could)
                          nor in open.txt (a test could, and there is none);
                          exit 1 if there is one, or if what is called
                          equivalent was noticed
    --sample              those of sample.txt, each with its test, as TAP
    --make-sample N       writes sample.txt from the last --all
    --list                the ids
options
    --patience SECONDS    so long are the tests, without a change, that are
                          tried on one of them (6)
    --log FILE            a line of JSON each; what is in it already as noticed
                          is not tried again

A test is one function of a unit test, or one script of the module.  It is only
asked about a change that it meets, and where the change makes a difference:
which those are is found out by one run of each.
"""
import argparse
import concurrent.futures
import glob
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
import build  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
EQUIVALENT = f'{HERE}/equivalent.txt'
OPEN = f'{HERE}/open.txt'
# A test of so many seconds is only asked about what it is named after.
LONG = 2
# Words of a change that say nothing of the tests it is for.
COMMON = {'verifier', 'engine', 'const', 'drop', 'guard', 'edge', 'equal',
          'logic', 'return', 'record', 'false', 'true', 'memset', 'sizeof'}
FAST = '/dev/shm' if os.path.isdir('/dev/shm') else None
SAMPLE = f'{HERE}/sample.txt'


class Runner:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.build = build.Build(options.source, options.build, folder)
        self.reach, self.seconds, self.scripts = {}, {}, {}
        self.passed, self.said = {}, ''
        self.lock, self.luck = threading.Lock(), {}

    # ---- one run of one test ----

    def command(self, test):
        if test in self.scripts:
            return ['bash', f'{self.options.source}/tests/module/run.sh',
                    self.scripts[test]]
        return [f'{self.folder}/{test.partition("/")[0]}']

    def environment(self, test, more):
        env = {k: v for k, v in os.environ.items()
               if not k.startswith(('MAKE', 'MFLAGS', 'MFA_'))}
        built = self.options.build
        return env | {
            'CMOCKA_MESSAGE_OUTPUT': 'TAP', 'srcdir': self.options.source,
            'builddir': built, 'MFA_BUILD': built,
            'MFA_MODULE': f'{self.folder}/pam_medusa_mfa.so',
            'MFA_DRIVER': f'{built}/tests/module/driver',
            'MFA_FAKE': f'{built}/tests/module/fake_verifier',
            'TMPDIR': self.folder,
            'MFA_MUTANT_TEST': test.partition('/')[2] or '*'} | more

    def passes(self, test, more, limit):
        """True, or False if it failed or was still running at the limit."""
        with tempfile.TemporaryFile(dir=FAST) as out:
            child = subprocess.Popen(
                self.command(test), cwd=self.options.build, stdout=out,
                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                env=self.environment(test, more), start_new_session=True)
            try:
                status = child.wait(limit)
            except subprocess.TimeoutExpired:
                status = -1
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()
            out.seek(0)
            text = out.read()
        self.said = text.decode(errors='replace')
        if 'MFA_MUTANT' not in more:
            self.passed[test] = self.said
        return status == 0 and not re.search(rb'^not ok', text, re.M)

    # ---- who meets what ----

    def met(self, test):
        """What a run of it meets, and whether it passed."""
        name = f'{self.folder}/{test.replace("/", "+")}.map'
        with open(name, 'wb') as f:
            f.truncate(len(self.build.mutants) + 1)
        os.chmod(name, 0o666)
        held = self.passes(test, {'MFA_MUTANT_MAP': name}, 120)
        with open(name, 'rb') as f:
            met = {n for n, seen in enumerate(f.read()) if seen}
        os.unlink(name)
        return met, held

    def functions(self, test):
        """The functions of a unit test that pass on their own."""
        met, held = self.met(test)
        if not held:
            raise SystemExit(f'{self.said}{test} fails without a change')
        with self.lock:
            names = re.findall(r'^ok \d+ - ([^#\n]+)$', self.passed[test], re.M)
        return [f'{test}/{name}' for name in dict.fromkeys(names) if met]

    def map_of(self, test):
        begin = time.monotonic()
        met, held = self.met(test)
        seconds = time.monotonic() - begin
        if not held:
            # It stands on what a function before it has done.
            print(f'left out: {test}', flush=True)
            return
        with self.lock:
            self.seconds[test], self.reach[test] = seconds, met

    def prepare(self, names):
        self.build.copies(names)
        self.build.tests_of(self.build.tests)
        self.build.link_module()
        self.module_scripts(glob.glob(
            f'{self.options.source}/tests/module/*.script'))
        tests = [t for found in self.parallel(self.functions, self.build.tests)
                 for t in found]
        self.parallel(self.map_of, [*tests, *self.scripts])
        print(f'{len(self.reach)} tests, {len(self.build.mutants)} changes',
              flush=True)

    def module_scripts(self, paths):
        for path in paths:
            with open(path, encoding='utf-8') as f:
                if not re.search(r'^verifier: *(real|absent)', f.read(), re.M):
                    self.scripts[os.path.basename(path)] = path

    def parallel(self, function, work):
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            return list(pool.map(function, work))

    # ---- one change ----

    def order(self, mutant):
        """The tests that meet it: of its own file, lucky, then fast ones."""
        own = 'test_' + os.path.basename(mutant['file'])[:-2]
        where = mutant['id'].rsplit(':', 2)[0]
        lucky = self.luck.get(where, {})
        wiped = 'wipe' in mutant['id']
        words = set(re.findall('[a-z]{4,}', mutant['id'].lower())) - COMMON
        met = [t for t, reach in self.reach.items() if mutant['n'] in reach and
               (self.seconds[t] < LONG or t.startswith(own) or
                mutant['file'].startswith('lib/'))]
        return sorted(met, key=lambda t: (
            self.seconds[t] / (1 + 4 * lucky.get(t, 0)) /
            (1 + 3 * sum(w in t for w in words)) *
            (0.2 if t.startswith(own) else 1) *
            (0.01 if wiped and t.startswith('test_residue') else 1)))

    def killer(self, mutant):
        """The test that notices; None if none does; '' if none meets it."""
        tests, spent = self.order(mutant), 0
        for test in tests:
            if spent > self.options.patience:
                break
            spent += self.seconds[test]
            if not self.passes(test, {'MFA_MUTANT': str(mutant['n'])},
                               2 + 8 * self.seconds[test]):
                where = mutant['id'].rsplit(':', 2)[0]
                with self.lock:
                    lucky = self.luck.setdefault(where, {})
                    lucky[test] = lucky.get(test, 0) + 1
                return test
        return None if tests else ''

    def all(self):
        # What is of one file alone needs no other.
        file = self.options.only.partition(':')[0]
        self.prepare([file] if file in build.SOURCES else build.SOURCES)
        chosen = [m for m in self.build.mutants
                  if not self.options.only or self.options.only in m['id']]
        known = self.logged()
        begin = time.monotonic()

        def one(mutant):
            if known.get(mutant['id']):
                mutant['killer'] = known[mutant['id']]
                return
            mutant['killer'] = self.killer(mutant)
            if self.options.log:
                with self.lock, open(self.options.log, 'a',
                                     encoding='utf-8') as f:
                    f.write(json.dumps(mutant) + '\n')
        self.parallel(one, chosen)
        return report(chosen, self.options.only, time.monotonic() - begin)

    def logged(self):
        """Who noticed what in a run before that was ended."""
        if not self.options.log or not os.path.exists(self.options.log):
            return {}
        return {m['id']: m['killer']
                for m in map(json.loads, lines(self.options.log))}

    def sample(self):
        wanted = [line.split('\t') for line in lines(SAMPLE)]
        names = {key.split(':')[0] for key, _ in wanted}
        tests = sorted({t for _, t in wanted})
        self.build.copies([n for n in build.SOURCES if n in names])
        self.build.tests_of(sorted({t.partition('/')[0] for t in tests} &
                                   set(self.build.tests)))
        self.build.link_module()
        self.module_scripts(f'{self.options.source}/tests/module/{t}'
                            for t in tests if t.endswith('.script'))
        number = {m['id']: m['n'] for m in self.build.mutants}
        print(f'1..{len(tests) + len(wanted)}', flush=True)
        for test in tests:
            begin = time.monotonic()
            tell(self.passes(test, {}, 60), f'{test} passes without a change')
            self.seconds[test] = time.monotonic() - begin
        for key, test in wanted:
            held = key in number and not self.passes(
                test, {'MFA_MUTANT': str(number[key])},
                2 + 8 * self.seconds[test])
            tell(held, f'{test} notices {key.replace("#", ", number ")}')


def tell(held, text):
    print(f'{"ok" if held else "not ok"} - {text}', flush=True)


def lines(path):
    with open(path, encoding='utf-8') as f:
        return [line.rstrip('\n') for line in f
                if line.strip() and not line.startswith('# ')]


def equivalents():
    """{id: reason}; a file is id, a tab, the reason."""
    known = {}
    for line in lines(EQUIVALENT):
        key, _, reason = line.partition('\t')
        if len(reason) < 20 or key in known:
            raise SystemExit(f'{EQUIVALENT}: no reason, or twice: {key}')
        known[key] = reason
    return known


def report(mutants, only, seconds):
    """Prints the counts; the exit status."""
    known, still = equivalents(), set(lines(OPEN))
    trouble, counts = [], {}
    for m in mutants:
        key, where = m['id'], f'{m["file"]}:{m["line"]} {m["id"]}'
        state = 'killed'
        if not m['killer']:
            state = ('equivalent' if key in known else
                     'open' if key in still else 'survived')
        elif key in known:
            trouble.append(f'noticed by {m["killer"]}, not equivalent: {key}')
        elif key in still:
            print(f'noticed by {m["killer"]} now, take it out: {key}')
        if state == 'survived':
            what = 'not met by any test' if m['killer'] == '' else 'survived'
            trouble.append(f'{what}: {where}')
        row = counts.setdefault(m['file'], {})
        row[state] = row.get(state, 0) + 1
    if not only:
        ids = {m['id'] for m in mutants}
        trouble += [f'no such change: {k}' for k in {*known, *still} - ids]
    for line in trouble:
        print(line)
    total = {}
    print(f'{"changes":>8}{"killed":>8}{"equiv.":>8}{"open":>8}{"new":>8}')
    for row in counts.values():
        for k, v in row.items():
            total[k] = total.get(k, 0) + v
    for name, row in [*sorted(counts.items()), ('all', total)]:
        print(f'{sum(row.values()):8}{row.get("killed", 0):8}'
              f'{row.get("equivalent", 0):8}{row.get("open", 0):8}'
              f'{row.get("survived", 0):8}  {name}')
    print(f'{seconds:.0f} seconds')
    return 1 if trouble else 0


def make_sample(log, number):
    """A fixed choice: by the hash of the id, every file about as often."""
    killed = {}
    for line in lines(log):
        m = json.loads(line)
        # What is left in a variable that was not set differs from run to run.
        if m['killer'] and m['id'].split(':')[2] != 'drop':
            killed[m['id']] = m
    by_file = {}
    for key in sorted(killed, key=lambda k: hashlib.sha256(
            k.encode()).digest()):
        by_file.setdefault(killed[key]['file'], []).append(key)
    chosen = []
    for rank in range(number):
        for keys in by_file.values():
            if rank < len(keys) and len(chosen) < number:
                chosen.append(keys[rank])
    with open(SAMPLE, 'w', encoding='utf-8') as f:
        f.write('# SPDX-License-Identifier: MIT\n# A change, and the test '
                'that notices it (run.py --make-sample).\n')
        for key in sorted(chosen):
            f.write(f'{key}\t{killed[key]["killer"]}\n')


def main():
    p = argparse.ArgumentParser(usage=__doc__.partition('usage: ')[2])
    p.add_argument('--source', default=os.environ.get('srcdir') or
                   f'{HERE}/../../..')
    p.add_argument('--build', default=os.environ.get('builddir') or '.')
    p.add_argument('--jobs', type=int, default=2)
    p.add_argument('--only', default='')
    p.add_argument('--patience', type=float, default=6)
    p.add_argument('--log', default='')
    p.add_argument('--all', action='store_true')
    p.add_argument('--sample', action='store_true')
    p.add_argument('--list', action='store_true')
    p.add_argument('--make-sample', type=int)
    o = p.parse_args()
    o.source, o.build = map(os.path.realpath, (o.source, o.build))
    if o.make_sample:
        make_sample(o.log, o.make_sample)
        return 0
    folder = tempfile.mkdtemp(prefix='mfa-mutants-')
    os.chmod(folder, 0o755)
    try:
        runner = Runner(o, folder)
        if o.sample:
            runner.sample()
            return 0
        if o.list:
            runner.build.copies(build.SOURCES)
            print('\n'.join(m['id'] for m in runner.build.mutants))
            return 0
        return runner.all()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(main())
