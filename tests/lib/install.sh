#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Inside the sandbox: installs the build tree, starts the log service and, unless
# told otherwise, sets the machine up.
#
#   install.sh [--no-setup] BUILD-FOLDER
#
# Writes /run/mfa-test/paths, to be sourced: where the build put things.
set -eu

[ -n "${MFA_SANDBOX-}" ] || { echo 'install.sh: only in tests/lib/sandbox' >&2; exit 1; }
lib=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
setup=1
[ "$1" != --no-setup ] || { setup=; shift; }
build=$1
mkdir -p /run/mfa-test
out=/run/mfa-test/install.log

noisy() {
	"$@" >"$out" 2>&1 && return
	printf 'install.sh: failed: %s\n' "$*" >&2
	tail -n 30 "$out" >&2
	exit 1
}

noisy "$lib/logsink" /var/log/test.log
noisy make -C "$build" install

# Asks the Makefile itself, so any prefix will do.
make -s -C "$build" -f - mfa-paths >/run/mfa-test/paths <<'RULES'
include Makefile
mfa-paths: ; @printf '%s\n' MFA_BIN='$(bindir)' MFA_SBIN='$(sbindir)' \
	MFA_ETC='$(sysconfdir)/medusa-mfa' \
	MFA_STATE='$(localstatedir)/lib/medusa-mfa' \
	MFA_RUN='$(runstatedir)/medusa-mfa' \
	MFA_LIBEXEC='$(medusalibexecdir)' MFA_VENDOR='$(vendordir)' \
	MFA_MODULE='$(pamdir)/pam_medusa_mfa.so'
RULES

# shellcheck source=/dev/null
. /run/mfa-test/paths
[ -z "$setup" ] || noisy "$MFA_BIN/medusa-mfa" setup
