#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Fault sweep and kill sweep over real logins: each process is struck at each
# of its calls (R1, R2, R3, R6, R7, R20, R28).
#
#   sweep.sh                 a part of it, for make check
#   sweep.sh full [STRIDE]   all of it, or each STRIDE-th place
#   sweep.sh ARGUMENT...     of sweep, for a look at one case
# shellcheck disable=SC2154

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=../../lib/host.sh
. "$here/../../lib/host.sh"

[ "$(uname -m)" = x86_64 ] ||
    skip_all "system calls are struck on x86_64 only, this is $(uname -m)"

grep -q '^HARD_CFLAGS.*-fsanitize' "$host_build/Makefile" &&
    skip_all "calls are struck in a build without sanitizers"

tools=$host_build/tests/proof/faults

cat >/usr/local/bin/deliver <<'DELIVER'
#!/bin/sh
cat >/dev/null
DELIVER
chmod 0755 /usr/local/bin/deliver

# One user for each case; nobody-yet and fresh have no record.
add_users right wrong replay recovery bypassed mail locked disabled nobody-yet \
    pending damaged known late fresh moving keyed
pam_bare full retry=1
pam_bare twice retry=2
pam_bare nullok retry=1 nullok
pam_bare place retry=1
pam_bare grace retry=1
pam_service enforced <<-ENFORCED
	auth required $MFA_MODULE retry=1
	account required $MFA_MODULE enforce
	account required pam_permit.so
ENFORCED
# What libpam takes for a service whose file it cannot read.
printf '%s required pam_deny.so\n' auth account | pam_service other
conf "[otp]\nprogram = /usr/local/bin/deliver\nttl = 600
[rule place]\nservice = place\ndecision = require\nremember = 1h
[rule grace]\nservice = grace\ndecision = require\nenroll_by = 900 logins
[mfa]\nproviders = totp recovery_code otp"

# With the programs that ship, or those whose calls can fail: of these the
# verifier notices what is left.
shipped() {
	cp "$host_build/verifier/medusa-mfad" "$MFA_SBIN/"
	cp "$host_build/verifier/medusa-mfa-runner" "$MFA_LIBEXEC/"
	cp "$host_build/utils/medusa-mfa" "$MFA_BIN/"
}
watched() {
	cp "$tools/mfad" "$MFA_SBIN/medusa-mfad"
	cp "$tools/runner" "$MFA_LIBEXEC/medusa-mfa-runner"
	cp "$tools/mfa" "$MFA_BIN/medusa-mfa"
}

sweep() {
	nice "$tools/sweep" -p "$tools/login" "$@"
}

# group NAME COMMAND...: its TAP as comments, its result as ours.
group() {
	local name=$1
	shift
	if "$@" >/run/sweep.out 2>&1; then
		ok "$name: $(grep -c '^ok' /run/sweep.out) cases"
	else
		not_ok "$name"
	fi
	sed 's/^[^#]/# &/' /run/sweep.out
}

case ${1-} in
"") stride=197 ;;
full) stride=${2:-1} ;;
*)
	watched
	[ "$1" != shipped ] || { shipped; shift; }
	group "$*" sweep "$@"
	done_testing
	;;
esac

# Where only each so-manieth place is struck, not the same ones each time.
places() { printf %d "$((1 + $1 % stride))"; }

shipped
group "R6 R7 killed, spawned" \
    sweep -s "$stride" -a "$(places 5)" kill
group "R6 R7 killed, listening" \
    sweep -l -s "$stride" -a "$(places 11)" kill
watched
group "R3 R7 R20 calls fail, spawned" \
    sweep -w -s "$(((stride + 11) / 12))" -a 1 calls
group "R3 R7 R20 calls fail, listening" \
    sweep -w -l -s "$stride" -a "$(places 3)" calls
group "R3 R7 R20 system calls fail, spawned" \
    sweep -w -s "$stride" -a "$(places 23)" errno
group "R3 R7 R20 system calls fail, listening" \
    sweep -w -l -s "$stride" -a "$(places 31)" errno
if [ "${1-}" = full ]; then
	# With all that OpenSSL does at its first use.
	group "R3 R7 calls fail, from cold" sweep -s "$stride" calls success
	group "R3 R7 system calls fail, from cold" \
	    sweep -s "$stride" errno success wrong
fi
done_testing
