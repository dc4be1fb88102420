#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Logins through the real sshd (R6, R8, R20, R24).

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

ki() {
	ssh_login keyboard-interactive "$1"
}

key_and_code() {
	local user=key-$way both=publickey,keyboard-interactive right
	new_users "$user"
	right=$(code "$user")
	let_in "$way: key and code let in" "$user" \
	    "$(two "$right" | ssh_login "$both" "$user")"
	job again ssh_login "$both" "$user" < <(two "$right")
	job wrong ssh_login "$both" "$user" < <(two "$(wrong_code "$user")")
	job key ssh_login publickey "$user" </dev/null
	job code ssh_login keyboard-interactive "$user" \
	    < <(two "$(code "$user" 1)")
	jobs_wait
	kept_out "$way: key and the same code do not" "$(job_out again)"
	kept_out "$way: key and wrong code are refused" "$(job_out wrong)"
	kept_out "$way: the key alone does not" "$(job_out key)"
	kept_out "$way: the code alone does not" "$(job_out code)"
}

# sshd's password method answers every prompt with the password.
password_method() {
	local user=$way-password try
	new_users "$user"
	mark_log
	for try in 1 2 3; do
		job "password$try" ssh_login password "$user" \
		    < <(answers 'assword: ' "$first_factor")
	done
	jobs_wait
	for try in 1 2 3; do
		kept_out "$way: the password method is refused" \
		    "$(job_out "password$try")"
	done
	is "$way: none of them burnt a guess (R8)" \
	    "$(status_of "$user" wrong_today)" 0
	is "$way: each ended after one prompt (R25)" \
	    "$(log_lines | grep -c "user=$user .*reason=password-repeated")" 3
	is "$way: without another" "$(log_lines | grep -c "user=$user .*reason=")" 3
	let_in "$way: the right code lets in after them" "$user" \
	    "$(two "$(code "$user")" | ki "$user")"
}

junk_from_sshd() {
	local before after
	new_users root
	before=$(find "$MFA_STATE" -type f | sort)
	job unknown ki "$way-nobody" < <(two 123456)
	job unknown-password ssh_login password "$way-nobody" \
	    < <(answers 'assword: ' x)
	job root ki root < <(two 123456)
	jobs_wait
	kept_out "$way: an unknown user is refused" "$(job_out unknown)"
	kept_out "$way: an unknown user is refused by the password method" \
	    "$(job_out unknown-password)"
	after=$(find "$MFA_STATE" -type f | sort)
	is "$way: and leaves no file" "$after" "$before"
	kept_out "$way: root, for whom sshd sends junk, is refused" \
	    "$(job_out root)"
	is "$way: and sshd's junk is not charged (R8)" \
	    "$(status_of root wrong_today)" 0
	mfa reset --yes root >/dev/null
}

killed_client() {
	local user=$way-killed right
	new_users "$user"
	right=$(code "$user")
	{
		answers 'assword: ' "$first_factor"
		printf '%s\n' "? $code_prompt" "\$ kill -9 \$PID"
	} | ki "$user" >/dev/null
	verifiers_gone "$way: a client killed at the prompt leaves no verifier"
	is "$way: and a readable record" "$(status_of "$user" problem)" ""
	is "$way: and no charge" "$(status_of "$user" wrong_today)" 0
	let_in "$way: and no lock" "$user" "$(two "$right" | ki "$user")"
	is "$way: and the code is used up all the same" \
	    "$(pam_result once "$user" "$right")" auth_err
}

# With the module's default retry a wrong code is asked again.
asked_again() {
	local user=$way-again out
	new_users "$user"
	out=$({
		two "$(wrong_code "$user")"
		printf '%s\n' '? Wrong code' "! $(code "$user")"
	} | ki "$user")
	let_in "$way: wrong, then right in one login" "$user" "$out"
	is "$way: counted once" "$(status_of "$user" wrong_today)" 1
	out=$({
		two "$(wrong_code "$user" 1)"
		answers 'Wrong code' "$(wrong_code "$user" 2)" \
		    'Wrong code' "$(wrong_code "$user" 3)"
	} | ki "$user")
	kept_out "$way: three wrong codes end the login" "$out"
	is "$way: after three prompts" "$(grep -c "$code_prompt" <<<"$out")" 3
	is "$way: all counted" "$(status_of "$user" wrong_today)" 4
}

everything() {
	pam_full sshd retry=1
	pam_bare once retry=1
	usual_cases ki
	[ "$way" != activated ] || return
	key_and_code
	password_method
	junk_from_sshd
	killed_client
	pam_full sshd
	asked_again
	no_zombies "$way: no zombies"
}

sshd_start <<'SSHD'
UsePAM yes
PasswordAuthentication yes
KbdInteractiveAuthentication yes
PubkeyAuthentication yes
Match User key*
	AuthenticationMethods publickey,keyboard-interactive:pam
SSHD
MFA_WAYS=${MFA_WAYS:-spawned listening activated}
each_way everything
done_testing
