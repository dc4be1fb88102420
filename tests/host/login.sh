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

# With enforce, a right code is a mark for the account line: of the user who
# gave it alone.  OTHER is not asked here, so lacks one.
# shellcheck disable=SC2154
mark_of_another() {
	local one=$way-marked other=$way-unmarked third=$way-third out
	new_users "$one" "$other" "$third"
	pam_service login <<-PAM_LOGIN
	auth [success=1 default=ignore] pam_succeed_if.so quiet user in $other
	auth required $MFA_MODULE retry=1
	auth required pam_unix.so nodelay
	account required pam_unix.so
	account required $MFA_MODULE enforce
	session required pam_permit.so
	PAM_LOGIN
	mark_log
	out=$(answers "$code_prompt" "$(code "$one")" 'assword: ' wrong \
	    'login: ' "$other" 'assword: ' "$first_factor" |
	    login_login "$one")
	kept_out "$way: one user's right code does not help another" "$out"
	like "$way: who is told so" "$out" 'A second factor is required'
	is "$way: the one was accepted, the other was not asked (R24)" \
	    "$(log_lines | grep -c "verified .*user=$one "),$(log_lines |
	        grep -c "user=$other .*reason=unverified")" 1,1
	out=$(answers "$code_prompt" "$(code "$one" 1)" 'assword: ' wrong \
	    'login: ' "$third" "$code_prompt" "$(code "$third")" \
	    'assword: ' "$first_factor" | login_login "$one")
	let_in "$way: another's own code does" "$third" "$out"
	verifiers_gone "$way: no verifier is left after them"
	pam_full login retry=1
}

# ^D at the prompt.
end_of_file() {
	local user=$way-eof out
	new_users "$user"
	mark_log
	out=$({
		answers 'assword: ' "$first_factor"
		printf '? %s\n~ \\x04\n' "$code_prompt"
	} | login_login "$user")
	kept_out "$way: the end of input is refused" "$out"
	is "$way: and not charged" "$(status_of "$user" wrong_today)" 0
	is "$way: with one line in the log (R26)" \
	    "$(log_lines | grep "user=$user " | grep -c reason=no-answer)" 1
	verifiers_gone "$way: the end of input leaves no verifier"
}

# LOGIN_TIMEOUT is an alarm in login, which has the module's prompt open.
too_slow() {
	local user=$way-slow out
	new_users "$user"
	mark_log
	sed -i 's/^LOGIN_TIMEOUT.*/LOGIN_TIMEOUT 1/' /etc/login.defs
	out=$({
		answers 'assword: ' "$first_factor"
		printf '? %s\n? timed out\n' "$code_prompt"
	} | converse -t 20 -- login "$user")
	sed -i 's/^LOGIN_TIMEOUT.*/LOGIN_TIMEOUT 60/' /etc/login.defs
	like "$way: login's own time limit ends it at the prompt" "$out" \
	    'timed out'
	verifiers_gone "$way: the time limit leaves no verifier"
	is "$way: the time limit is not charged" \
	    "$(status_of "$user" wrong_today)" 0
	is "$way: the time limit is one line in the log (R26)" \
	    "$(log_lines | grep "user=$user " | grep -c reason=no-answer)" 1
	let_in "$way: the next login works" "$user" \
	    "$(two "$(code "$user")" | login_login "$user")"
}

everything() {
	pam_full login retry=1
	usual_cases login_login
	another_user
	[ "$way" != spawned ] || mark_of_another
	end_of_file
	too_slow
	no_zombies "$way: no zombies"
}

# faster than Debian's three seconds after a refusal
sed -i 's/^FAIL_DELAY.*/FAIL_DELAY 0/' /etc/login.defs
each_way everything
done_testing
