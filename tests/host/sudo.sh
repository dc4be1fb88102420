#!/bin/bash
# SPDX-License-Identifier: MIT
#
# sudo asks for the code (R6, R24).

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

# sudo calls pam_authenticate again on the same handle.
wrong_then_right() {
	local user=$way-again out
	sudo_setup 3
	new_users "$user"
	out=$({
		two "$(wrong_code "$user")"
		printf '? try again\n'
		two "$(code "$user")"
	} | sudo_login "$user")
	let_in "$way: wrong, then right in one sudo" "$user" "$out"
	is "$way: counted once" "$(status_of "$user" wrong_today)" 1
	sudo_setup 1
}

without_asking() {
	local user=$way-silent out
	new_users "$user"
	out=$(as "$user" sudo -n "$sudo_marker" 2>&1 </dev/null)
	kept_out "$way: sudo -n is refused" "$out"
	is "$way: and not charged" "$(status_of "$user" wrong_today)" 0
	out=$(printf '%s\n' "$first_factor" "$(wrong_code "$user")" |
	    as "$user" sudo -S "$sudo_marker" 2>&1)
	kept_out "$way: sudo -S with a wrong code is refused" "$out"
	is "$way: and counted" "$(status_of "$user" wrong_today)" 1
	out=$(printf '%s\n' "$first_factor" "$(code "$user")" |
	    as "$user" sudo -S "$sudo_marker" 2>/dev/null)
	let_in "$way: sudo -S reads the code from standard input" "$user" "$out"
	verifiers_gone "$way: no verifier is left"
}

everything() {
	pam_full sudo retry=1
	usual_cases sudo_login
	[ "$way" != activated ] || return
	wrong_then_right
	without_asking
	no_zombies "$way: no zombies"
}

sudo_setup 1
MFA_WAYS=${MFA_WAYS:-spawned listening activated}
each_way everything
done_testing
