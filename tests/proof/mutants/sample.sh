#!/bin/bash
# SPDX-License-Identifier: MIT
#
# R1-R13, R17, R18, R21, R22, R28, R31: a line that keeps one of them is changed,
# and the test that is named notices.  A fixed choice of changes (sample.txt);
# all of them: make proof-mutants.

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=../../style/tree.bash
. "$here/../../style/tree.bash"
need clang /usr/bin/python3
need_built lib/.libs/libbase.a tests/unit/test_verdict.o tests/module/driver
# Mutated objects do not go with sanitized ones.
! sanitized || skip_all "a sanitized build"
exec /usr/bin/python3 "$here/run.py" --source "$srcdir" --build "$builddir" \
    --sample
