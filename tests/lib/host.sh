# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The first line of every host test: runs the test again inside the sandbox
# with the build tree installed, then returns with the helpers loaded.
#
# A test may set the array sandbox_options before.  The build folder is
# MFA_BUILD or, as under make check, the current one.  MFA_WAYS says which ways
# of reaching the verifier are tried (mfa.sh).  MFA_KEEP is a folder where what
# is written stays: counts of a build for coverage.

host_lib=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
host_top=$(readlink -f "$host_lib/../..")
host_build=$(readlink -f "${MFA_BUILD:-$PWD}")

# shellcheck source=tap.sh
. "$host_lib/tap.sh"
[ -n "${sandbox_options-}" ] || sandbox_options=()

[ -z "${MFA_KEEP-}" ] || sandbox_options+=(--bind "$MFA_KEEP")

if [ ! -x "$host_build/config.status" ]; then
	diag "no built tree in $host_build: set MFA_BUILD"
	exit 1
fi

if [ -z "${MFA_SANDBOX-}" ]; then
	why=$("$host_lib/sandbox" "${sandbox_options[@]}" -- true 2>&1) ||
	    skip_all "$why"
	export MFA_BUILD="$host_build"
	exec "$host_lib/sandbox" "${sandbox_options[@]}" --tree "$host_top" \
	    --tree "$host_build" -- bash "$(readlink -f "$0")" "$@" </dev/null
fi

said=$("$host_lib/install.sh" "$host_build" 2>&1) || {
	diag "$said"
	not_ok "install in the sandbox"
	done_testing
}
# shellcheck source=/dev/null
. /run/mfa-test/paths
# shellcheck source=mfa.sh
. "$host_lib/mfa.sh"
