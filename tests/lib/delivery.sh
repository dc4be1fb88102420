# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: MIT
#
# One code for a delivery program, by itself: what it is told, and what has to
# come of it.  Sourced after host.sh and mail.sh.

code=40917263

# delivery ADDRESS: what a delivery program is told.
delivery() {
	cat <<-TEXT
	to: $1
	realm: unix
	user: alice
	host: login.example
	service: sshd
	remote: 192.0.2.7
	issuer: Example Ltd
	time: 2026-11-22T07:15:23Z
	valid: 300
	code: $code

	Your verification code for login.example is $code.
	.
	..It is for sshd, from 192.0.2.7.
	TEXT
}

# deliver ADDRESS [PROGRAM]: prints all that it says, and its status.
deliver() {
	delivery "$1" | as_runner deliver "${2:-$libexec/deliver-mail}" 2>&1
	echo "status ${PIPESTATUS[1]}"
}

# delivered NAME SAID: nothing was said, all went well.
delivered() {
	is "$1" "$2" "status 0"
}

# refused NAME SAID REGEX: one line that explains, without the code.
refused() {
	like "$1" "$2" "$3"
	is "$1: one line and status 1" "$(wc -l <<<"$2") ${2##*$'\n'}" \
	    "2 status 1"
	unlike "$1: the code is not shown (R14)" "$2" "$code"
}
