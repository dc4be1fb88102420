#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What the command says to who is here for the first time: a name that was
# mistyped, output that cannot be written, a lock that no tried code meets, a
# first code that was wrong too often (R5, R21).
# shellcheck disable=SC2154,SC2034

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../lib/self.sh
. "$host_lib/self.sh"

# Whatever cannot be written is no success, and one line says so.
unwritten() {
	local line
	while read -r line; do
		# shellcheck disable=SC2086
		mfa $line 2>/tmp/said >/dev/full </dev/null
		is "full: $line, status" "$?" 1
		like "full: $line" "$(</tmp/said)" 'cannot write the output$'
	done <<-'LINES'
	rename --user anna totp phone
	rename --user anna phone totp
	unlock anna
	forget anna
	list --user anna
	list --user anna --json
	status --user anna
	users
	explain anna sshd
	doctor
	help
	--version
	key list
	key rekey
	key rotate
	store check
	config check
	setup
	LINES
	mfa config check >/dev/null 2>/tmp/said
	is "and nothing is wrong without it" "$? $(</tmp/said)" "0 "
}

safe_is_full() {
	local out
	mkdir /mnt/safe
	mount -t tmpfs -o size=4k none /mnt/safe
	head -c 4096 /dev/zero >/mnt/safe/filler
	status_is "export: the safe is full: status" 1 \
	    mfa key export --output /mnt/safe/keys
	out=$(mfa key export --output /mnt/safe/keys 2>&1)
	is "export: it is said which one" "$out" \
"problem: cannot write the output: no space left there
medusa-mfa: no keys were written to /mnt/safe/keys"
	is "export: nothing is left of it" "$(ls /mnt/safe)" filler
	umount /mnt/safe
}

new_users anna erik
add_users carl
settle 4
way_start listening
unwritten
safe_is_full
own_secrets_unlogged
done_testing
