#!/bin/bash
# SPDX-License-Identifier: MIT
#
# login on a terminal asks for the code (R6, R24).

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

# login goes on with another user on the same handle.
another_user() {
	local one=$way-one other=$way-other out
	new_users "$one" "$other"
	out=$({
		two "$(wrong_code "$one")"
		answers 'login: ' "$other"
		two "$(code "$other")"
	} | login_login "$one")
	let_in "$way: one user wrong, then another right" "$other" "$out"
	is "$way: the wrong code was the first one's" \
	    "$(status_of "$one" wrong_today),$(status_of "$other" wrong_today)" \
	    1,0
	verifiers_gone "$way: no verifier is left"
}

everything() {
	pam_full login retry=1
	usual_cases login_login
	another_user
	no_zombies "$way: no zombies"
}

# faster than Debian's three seconds after a refusal
sed -i 's/^FAIL_DELAY.*/FAIL_DELAY 0/' /etc/login.defs
each_way everything
done_testing
