#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The module tests: every script through the real libpam.  Needs root, because
# the module trusts only a socket in a folder that is root's.
#
# usage: run.sh [SCRIPT...]      (all scripts next to this file)
# environment, with defaults for a build folder as working directory:
#   MFA_MODULE   pam_medusa_mfa.so
#   MFA_DRIVER   tests/module/driver
#   MFA_FAKE     tests/module/fake_verifier
#   MFA_REAL     set: scripts for a real verifier are run too, with
#                MFA_TEST_SOCKET as its socket or else a started one
#   MFA_WRAP     a command before the driver, such as valgrind

here=$(dirname "$0")
# shellcheck source=../lib/tap.sh
. "$here/../lib/tap.sh"

module=$(realpath -e "${MFA_MODULE:-pam_medusa_mfa/.libs/pam_medusa_mfa.so}") || exit 1
driver=$(realpath -e "${MFA_DRIVER:-tests/module/driver}") || exit 1
fake=$(realpath -e "${MFA_FAKE:-tests/module/fake_verifier}") || exit 1
read -ra wrap <<<"${MFA_WRAP-}"

[ "$(id -u)" = 0 ] || skip_all 'needs root'
# The process's environment is nobody's word: no script expects "key" for it.
export SSH_AUTH_INFO_0='publickey ssh-ed25519 AAAA'
[ $# -gt 0 ] || set -- "$here"/*.script

# value KEY SCRIPT
value() {
	sed -n "s/^$1: *//p;T;q" "$2"
}

# program: where the module would start a verifier from.
program() {
	grep -ao '/[[:alnum:]/_.-]*/medusa-mfad' "$module" | head -n 1
}

# run SCRIPT FOLDER: runs one; fails if the script does not hold.
run() {
	local -a host=("${wrap[@]}" "$driver" "$module" "$2" "$1")
	# A wrapper is found in PATH; the fake wants a path.
	host[0]=$(command -v "${host[0]}")
	case $(value verifier "$1") in
	none | absent | real) "${host[@]}" ;;
	*) "$fake" "$2/socket" "$1" "${host[@]}" ;;
	esac
}

for script; do
	name="$(basename "$script" .script): $(value name "$script")"
	case $(value verifier "$script") in
	real)
		[ -n "${MFA_REAL-}" ] || { skip "$name" 'no real verifier'; continue; }
		;;
	absent)
		[ ! -e "$(program)" ] || { skip "$name" "$(program) exists"; continue; }
		;;
	esac
	folder=$(mktemp -d /run/mfa-module-XXXXXX)
	chmod 755 "$folder"
	if out=$(run "$script" "$folder" 2>&1); then
		ok "$name"
	else
		not_ok "$name" "$out"
	fi
	rm -rf "$folder"
done
done_testing
