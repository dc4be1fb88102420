#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Constant time of all comparisons with a secret (R15): ctime.c under valgrind, as
# it was built, and built by clang where that is installed: another compiler
# makes a branch of something else.
set -u

top=$(readlink -f "$(dirname "$0")/../../..")
build=$(readlink -f "${builddir:-${MFA_BUILD:-$PWD}}")
# shellcheck source-path=SCRIPTDIR source=../../lib/tap.sh
. "$top/tests/lib/tap.sh"

program=$build/tests/proof/attacks/ctime
[ -x "$program" ] || skip_all "not built: needs cmocka and valgrind"
export CMOCKA_MESSAGE_OUTPUT=TAP
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"; tap_exit' EXIT

# look NAME PROGRAM: its cases, under valgrind.
look() {
	local name=$1 cases=0 status line case
	# valgrind does not understand what clang says of lines
	strip -g -o "$work/program" "$2"
	valgrind --quiet --tool=memcheck --undef-value-errors=yes \
	    --track-origins=no --log-file="$work/complaints" \
	    "$work/program" >"$work/said" 2>&1
	status=$?
	while read -r line; do
		case=${line##* - }
		case $line in
		'ok '*) ok "$name: $case" ;;
		'not ok '*) not_ok "$name: $case" ;;
		[0-9]*..[0-9]*) cases=${line#*..} ;;
		*) diag "$line" ;;
		esac
	done <"$work/said"
	is "$name: all cases were tried, and valgrind ends well" \
	    "$(grep -c '^\(not \)\?ok ' "$work/said") $status" \
	    "$((cases > 0 ? cases : 1)) 0"
	# The control has its complaint there, and libsodium's verdict.
	grep -B 1 -A 6 'Conditional\|uninitialised' "$work/complaints" |
	    sed 's/^==[0-9]*==/#/' | head -n 80
}

# build_with COMPILER: what is compared, and what it needs.
# shellcheck disable=SC2317
build_with() {
	local wraps
	mapfile -t wraps < <(grep -o -- '-Wl,--wrap=[a-z_]*' \
	    "$top/tests/proof/attacks.am")
	"$1" -std=gnu11 -O2 -D_GNU_SOURCE '-DMFA_VECTORS=""' -I"$top" \
	    -I"$build" -o "$work/$1" "${wraps[@]}" \
	    "$top"/tests/proof/attacks/ctime{,_seen}.c \
	    "$top"/verifier/{crypt,otp,provider}/*.c \
	    "$top/verifier/vault/envelope.c" "$top"/lib/base/*.c \
	    "$build/protocol/record.pb.c" \
	    -lcmocka -lsodium -lcrypto -lprotobuf-nanopb
}

look "as built" "$program"
if command -v clang >/dev/null; then
	runs "clang builds it" build_with clang
	look clang "$work/clang"
else
	skip clang "clang is not installed"
fi
done_testing
