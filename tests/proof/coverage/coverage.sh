#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Which lines of verifier/ and pam_medusa_mfa/ the tests run.  Fails if it is
# fewer than so many of a hundred in one of the two.
#
# usage: coverage.sh [--keep] [--hosts] [FOLDER]
#   FOLDER    where it builds; ./coverage by default
#   --keep    only runs and counts again what is built there
#   --hosts   all tests of the real hosts, not only those of the verifier
#
# For each folder: lines, those that were run, per cent.  Then each file below
# the least, with the numbers of the lines that nobody runs.
set -eu -o pipefail

least=90
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
source=$(cd "$here/../../.." && pwd -P)
keep='' hosts='' folder=coverage
for word; do
	case $word in
	--keep) keep=1 ;;
	--hosts) hosts=1 ;;
	-*) sed -n '/^# usage/,/^$/s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
	*) folder=$word ;;
	esac
done
log=

# quiet COMMAND...: what it says is shown only if it fails.
quiet() {
	"$@" >"$log" 2>&1 || {
		tail -n 30 "$log" >&2
		printf 'coverage: failed: %s\n' "$*" >&2
		exit 1
	}
}

build() {
	rm -rf "$folder"
	mkdir -p "$folder"
	cd "$folder"
	folder=$PWD log=$PWD/coverage.log
	gcc -O2 -fPIC -c "$here/flush.c" -o flush.o
	quiet "$source/configure" --prefix=/usr --sysconfdir=/etc \
	    --localstatedir=/var --runstatedir=/run \
	    --libdir="/usr/lib/$(gcc -print-multiarch)" \
	    CFLAGS='-O0 -g -w --coverage' \
	    LDFLAGS="-Wl,--wrap=_exit" LIBS="$folder/flush.o -lgcov"
	quiet make -j "$(nproc)"
	quiet make -j "$(nproc)" check TESTS=
	# Programs that gave up root count, too.
	chmod -R a+rwX .
}

# run: all tests.  Some of them fail in such a build, and are told, no more: a
# program that may not write its counts says so where a test reads along.
run() {
	# make's own variables
	# shellcheck disable=SC2016
	local tests='$(unit_tests) $(module_tests)' all=' $(host_tests)'
	local some='check command command_kinds deliver deliver_limits
	    deliver_programs events event_programs invite keys process restore
	    selfservice setup socket' name
	if [ -n "$hosts" ]; then
		tests+=$all
	else
		for name in $some; do tests+=" tests/host/$name.sh"; done
	fi
	find . -name '*.gcda' -delete
	(umask 0; env -u MAKEFLAGS -u MAKELEVEL MFA_KEEP="$folder" \
	    make -j "$(nproc)" check TESTS="$tests" >"$log" 2>&1) || :
	sed -n 's/^# \(PASS\|FAIL\|ERROR\): */\1 /p' "$log"
	[ -s test-suite.log ]
}

# lines: FILE NUMBER COUNT of every line with code.
lines() {
	local file
	find verifier pam_medusa_mfa -name '*.gcno' | sort >objects
	while read -r file; do
		gcov --stdout "$file" 2>/dev/null
	done <objects | awk -v top="$source/" '
	{
		count = $0; sub(/:.*/, "", count); gsub(/[ *]/, "", count)
		rest = substr($0, index($0, ":") + 1)
		number = rest + 0
		text = substr(rest, index(rest, ":") + 1)
	}
	number == 0 && text ~ /^Source:/ {
		file = substr(text, 8)
		sub("^" top, "", file)
		sub(/^(\.\.\/)+/, "", file)
	}
	number > 0 && count != "-" {
		print file, number, count ~ /^[#=]/ ? 0 : 1
	}' | grep -E '^(verifier|pam_medusa_mfa)/' | sort -u -k 1,1 -k 2,2n -k 3,3
}

count() {
	lines | awk -v least="$least" '
	{
		at = $1 " " $2
		if (!(at in seen)) order[++count] = at
		seen[at] = seen[at] || $3; file[at] = $1; line[at] = $2
	}
	END {
		for (i = 1; i <= count; i++) {
			at = order[i]
			f = file[at]
			part = f; sub(/\/[^\/]*$/, "", part)
			top = f; sub(/\/.*/, "", top)
			all[f]++; run[f] += seen[at]
			all[part "/"]++; run[part "/"] += seen[at]
			whole[top]++; good[top] += seen[at]
			if (!seen[at]) gone[f] = gone[f] " " line[at]
		}
		for (k in all)
			if (k ~ /\/$/ || 100 * run[k] < least * all[k])
				printf "%d %6d %6d %5.1f  %s%s\n", k !~ /\/$/,
				    all[k], run[k], 100 * run[k] / all[k], k,
				    gone[k] != "" ? ":" gone[k] : "" \
				    | "sort -k1,1n -k5,5"
		close("sort -k1,1n -k5,5")
		for (k in whole) {
			printf "  %6d %6d %5.1f  %s/ in all\n", whole[k],
			    good[k], 100 * good[k] / whole[k], k
			bad += 100 * good[k] < least * whole[k]
			n++
		}
		exit bad > 0 || n != 2
	}' | cut -c 3-
}

if [ -n "$keep" ]; then
	cd "$folder"
	folder=$PWD log=$PWD/coverage.log
else
	build
fi
run
count
