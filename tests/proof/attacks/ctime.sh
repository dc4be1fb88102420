#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Constant time of all comparisons with a secret (R15): ctime.c under valgrind.
set -u
export CMOCKA_MESSAGE_OUTPUT=TAP
program=${builddir:-${MFA_BUILD:-$PWD}}/tests/proof/attacks/ctime
if [ ! -x "$program" ]; then
	echo "1..0 # SKIP not built: needs cmocka and valgrind"
	exit 0
fi
log=$(mktemp)
copy=$(mktemp)
trap 'rm -f "$log" "$copy"' EXIT
# valgrind does not understand what clang says of lines
strip -g -o "$copy" "$program"
valgrind --quiet --tool=memcheck --undef-value-errors=yes --track-origins=no \
    --log-file="$log" "$copy" 2>&1
status=$?
# The control has its complaint there, and libsodium's verdict.
grep -B 1 -A 6 'Conditional\|uninitialised' "$log" | sed 's/^==[0-9]*==/#/' |
    head -n 80
exit "$status"
