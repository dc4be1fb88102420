# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# TAP for shell tests: source it, call the checks, end with done_testing.
#
#   ok NAME                 passed
#   not_ok NAME [TEXT]      failed; TEXT is shown below it
#   is NAME GOT WANTED      equal strings
#   like NAME TEXT REGEX    TEXT has REGEX (extended, grep -E, any line)
#   unlike NAME TEXT REGEX  TEXT has it nowhere
#   runs NAME COMMAND...    the command's status is 0
#   fails NAME COMMAND...   the command's status is not 0 (and no signal's)
#   skip NAME REASON
#   skip_all REASON         ends the script; nothing was tested
#   done_testing            the plan; ends the script
#
# A script that ends in any other way says so ("Bail out!") and fails.

tap_count=0
tap_failed=0
tap_ended=

diag() {
	local text=$*
	printf '# %s\n' "${text//$'\n'/$'\n'# }"
}

ok() {
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s\n' "$tap_count" "${1//#/}"
}

not_ok() {
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_count" "${1//#/}"
	[ -z "${2-}" ] || diag "$2"
}

skip() {
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_count" "${1//#/}" "$2"
}

skip_all() {
	tap_ended=1
	printf '1..0 # SKIP %s\n' "$*"
	exit 0
}

is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "got:    $2
wanted: $3"
	fi
}

like() {
	if grep -qE -- "$3" <<<"$2"; then
		ok "$1"
	else
		not_ok "$1" "wanted: $3
in:
$2"
	fi
}

unlike() {
	if grep -qE -- "$3" <<<"$2"; then
		not_ok "$1" "unwanted: $3
in:
$2"
	else
		ok "$1"
	fi
}

runs() {
	local name=$1 out status
	shift
	out=$("$@" 2>&1) && status=0 || status=$?
	if [ "$status" = 0 ]; then
		ok "$name"
	else
		not_ok "$name" "status $status of: $*
$out"
	fi
}

fails() {
	local name=$1 out status
	shift
	out=$("$@" 2>&1) && status=0 || status=$?
	if [ "$status" -gt 0 ] && [ "$status" -lt 124 ]; then
		ok "$name"
	else
		not_ok "$name" "status $status of: $*
$out"
	fi
}

done_testing() {
	tap_ended=1
	printf '1..%d\n' "$tap_count"
	[ "$tap_failed" = 0 ] && exit 0
	exit 1
}

tap_exit() {
	local status=$?
	[ -n "$tap_ended" ] && return
	printf 'Bail out! the script ended early, status %d\n' "$status"
	exit 1
}
trap tap_exit EXIT
