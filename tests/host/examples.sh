#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The stacks in conf/pam.d/debian, as they are, under the programs that they are for,
# with the lines of sshd_config that they ask for.
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

way=spawned

# example FILE SERVICE: as shipped; only the module's folder may be another.
example() {
	sed "s|pam_medusa_mfa\\.so|$MFA_MODULE|" "$host_top/conf/pam.d/debian/$1" |
	    pam_service "$2"
}

# sshd_lines FILE: what its comment says to put into sshd_config.
sshd_lines() {
	sed -n 's/^#   \([A-Z][A-Za-z]* \)/\1/p' "$host_top/conf/pam.d/debian/$1"
}

# stubborn CODE: as often as the module asks.
stubborn() {
	answers "$code_prompt" "$1" "$code_prompt" "$1" "$code_prompt" "$1"
}

# password_and_code NAME ENTER...: ENTER USER, as in usual_cases.
password_and_code() {
	local name=$1 user=example-$1 right
	shift
	new_users "$user"
	right=$(code "$user")
	let_in "$name: password and code let in" "$user" \
	    "$(two "$right" | "$@" "$user")"
	job used "$@" "$user" \
	    < <(answers 'assword.*: ' "$first_factor"; stubborn "$right")
	job password "$@" "$user" < <(answers 'assword.*: ' wrong)
	job plain "$@" "not-$user" < <(answers 'assword.*: ' "$first_factor")
	jobs_wait
	kept_out "$name: a used code is refused" "$(job_out used)"
	kept_out "$name: a wrong password is refused" "$(job_out password)"
	unlike "$name: and no code is asked for" "$(job_out password)" \
	    "$code_prompt"
	let_in "$name: who is not enrolled needs the password only" \
	    "not-$user" "$(job_out plain)"
}

as_caller() {
	su_login caller "$1"
}

by_keyboard() {
	ssh_login publickey,keyboard-interactive,password "$1"
}

by_key() {
	local user=example-key right
	new_users "$user"
	right=$(code "$user")
	let_in "sshd-publickey: key and code let in" "$user" \
	    "$(answers "$code_prompt" "$right" | by_keyboard "$user")"
	job used by_keyboard "$user" < <(stubborn "$right")
	job key ssh_login publickey "$user" </dev/null
	job code ssh_login keyboard-interactive "$user" \
	    < <(stubborn "$(code "$user" 1)")
	job plain by_keyboard not-example-key </dev/null
	jobs_wait
	kept_out "sshd-publickey: a used code is refused" "$(job_out used)"
	kept_out "sshd-publickey: the key alone is refused" "$(job_out key)"
	kept_out "sshd-publickey: the code alone is refused" "$(job_out code)"
	kept_out "sshd-publickey: who is not enrolled is refused" \
	    "$(job_out plain)"
}

# without_methods FILE USER: as if nobody had touched sshd_config.
without_methods() {
	sshd_start <<<'UsePAM yes'
	kept_out "$1: enforce refuses a key alone, too (R24)" \
	    "$(ssh_login publickey "$2" </dev/null)"
	let_in "$1: but not that of who is not enrolled" not-example-su \
	    "$(ssh_login publickey not-example-su </dev/null)"
	sshd_stop
}

# A host that asks once: password and code in one answer (R24).
in_one_answer() {
	local right
	new_users letter letter-b
	right=$(code letter)
	job right pam_result dovecot letter "$first_factor$right"
	job plain pam_result dovecot not-example-su "$first_factor"
	jobs_wait
	job used pam_result dovecot letter "$first_factor$right"
	job alone pam_result dovecot letter "$first_factor"
	job password pam_result dovecot letter-b "wrong$(code letter-b)"
	jobs_wait
	is "dovecot: password and code in one" "$(job_out right)" success
	is "dovecot: a used code is refused" "$(job_out used)" auth_err
	is "dovecot: the password alone is refused" "$(job_out alone)" auth_err
	is "dovecot: a wrong password is refused" "$(job_out password)" auth_err
	is "dovecot: and nothing is counted" "$(status_of letter-b wrong_today)" 0
	is "dovecot: who is not enrolled needs the password only" \
	    "$(job_out plain)" success
}

add_users caller
for name in su sudo login sshd key; do
	add_users "not-example-$name"
done
# accounts of their own, so that no limit or mail of the real system matters
: >/etc/security/limits.conf
sudo_setup 1

example su su
password_and_code su as_caller
example sudo sudo
password_and_code sudo sudo_login
example login login
password_and_code login login_login
example sshd-keyboard-interactive sshd
sshd_start < <(sshd_lines sshd-keyboard-interactive)
password_and_code sshd by_keyboard
kept_out "sshd: a key alone is refused" \
    "$(ssh_login publickey example-sshd </dev/null)"
sshd_stop
without_methods sshd-keyboard-interactive example-sshd
example sshd-publickey sshd
sshd_start < <(sshd_lines sshd-publickey)
by_key
sshd_stop
without_methods sshd-publickey example-key
example dovecot dovecot
in_one_answer
no_zombies "no zombies"
done_testing
