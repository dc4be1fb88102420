#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A host that asks once: Dovecot's IMAP server, whose LOGIN has one password
# and whose PAM conversation gives it as the answer to everything (R24, R2,
# R6, R8).
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

imap_port=1143
dovecot_log=/var/log/dovecot.log
dovecot_conf=/etc/dovecot-test.conf

pam_dovecot() {
	pam_service dovecot <<-EOF_SERVICE
	auth     requisite  $MFA_MODULE split=6 $*
	@include common-auth
	auth     required   $MFA_MODULE use_split $*
	@include common-account
	EOF_SERVICE
}

# Debian's, with everything of the machine's own left out.
common_files() {
	printf '%s\n' 'auth [success=1 default=ignore] pam_unix.so nullok' \
	    'auth requisite pam_deny.so' 'auth required pam_permit.so' |
	    pam_service common-auth
	printf '%s\n' 'account required pam_unix.so' |
	    pam_service common-account
}

# Its own pause after failures, by address, would make the tests long.
dovecot_configure() {
	cat >"$dovecot_conf" <<-DOVECOT
	base_dir = /run/dovecot-test
	state_dir = /run/dovecot-state
	listen = 127.0.0.1
	protocols = imap
	ssl = no
	disable_plaintext_auth = no
	log_path = $dovecot_log
	auth_verbose = yes
	auth_failure_delay = 0
	mail_location = maildir:/tmp/mail/%u
	service imap-login {
	  inet_listener imap {
	    port = $imap_port
	  }
	  inet_listener imaps {
	    port = 0
	  }
	}
	service anvil {
	  unix_listener anvil-auth-penalty {
	    mode = 0
	  }
	}
	passdb {
	  driver = pam
	  args = dovecot
	}
	userdb {
	  driver = passwd
	}
	DOVECOT
	mkdir -p /tmp/mail /run/dovecot-state
	chmod 1777 /tmp/mail
}

dovecot_start() {
	local try
	dovecot -F -c "$dovecot_conf" </dev/null >/dev/null 2>&1 &
	dovecot_pid=$!
	for try in $(seq 100); do
		(: <>"/dev/tcp/127.0.0.1/$imap_port") 2>/dev/null && return
		sleep 0.05
	done
	not_ok "dovecot listens" "after $try looks: $(<"$dovecot_log")"
	done_testing
}

# imap USER PASSWORD: "in" or "out", or what else the server says.
imap() {
	local line said=""
	exec 7<>"/dev/tcp/127.0.0.1/$imap_port"
	IFS= read -r -t 30 -u 7 line
	printf 'a LOGIN "%s" "%s"\r\n' "$1" "$2" >&7
	while IFS= read -r -t 30 -u 7 line; do
		case $line in
		'a OK '*'Logged in'*) said=in ;;
		'a NO [AUTHENTICATIONFAILED]'*) said=out ;;
		'a '*) said=$line ;;
		*) continue ;;
		esac
		break
	done
	printf 'b LOGOUT\r\n' >&7
	exec 7>&-
	printf '%s\n' "${said:-$line}"
}

# try NAME USER PASSWORD: in the background, as refusals take seconds.
try() {
	job "$1" imap "$2" "$3"
}

refused() {
	is "$way: $1" "$(job_out "$2")" out
}

enrolled_user() {
	local user=$way-enrolled right spare
	new_users "$user"
	mark_log
	right=$(code "$user")
	spare=$(recovery_code "$user" 1)
	try wrong-password "$user" "another password$right"
	try alone "$user" "$first_factor"
	try code-alone "$user" "$right"
	jobs_wait
	refused "a wrong password with the right code is refused" wrong-password
	refused "the password alone is refused (R24)" alone
	refused "the code alone is refused" code-alone
	like "$way: a code that was forgotten is no answer, to the log" \
	    "$(log_lines)" \
	    "event=challenge.failed user=$user service=dovecot.* reason=no-answer"
	unlike "$way: nor is it junk" "$(log_lines)" 'reason=junk'
	is "$way: none of them is a guess (R8)" \
	    "$(status_of "$user" wrong_today)" 0
	is "$way: password and code let in (R24)" \
	    "$(imap "$user" "$first_factor$right")" in
	is "$way: password and recovery code let in" \
	    "$(imap "$user" "$first_factor$spare")" in
	try replay "$user" "$first_factor$right"
	try wrong-code "$user" "$first_factor$(wrong_code "$user")"
	try recovery "$user" "$first_factor$spare"
	jobs_wait
	refused "the same code again is refused (R6)" replay
	refused "a wrong code is refused" wrong-code
	refused "the same recovery code again is refused (R6)" recovery
	is "$way: one wrong code is counted" \
	    "$(status_of "$user" wrong_today)" 1
	is "$way: the next code lets in" \
	    "$(imap "$user" "$first_factor$(code "$user" 1)")" in
	is "$way: the record is readable" "$(status_of "$user" problem)" ""
	like "$way: the verifier logs each of them" "$(log_lines)" \
	    "user=$user .*service=dovecot"
	unlike "$way: and the module found policy each time" "$(log_lines)" \
	    'taken apart'
	unlike "$way: no code and no password is in a log (R14)" \
	    "$(log_lines; cat "$dovecot_log")" "$right|$spare|$first_factor"
}

# password USER PASSWORD
password() {
	chpasswd -e <<<"$1:$(openssl passwd -6 "$2")"
}

# Their passwords may end in digits: nothing is taken off.
others() {
	local exempt=$way-exempt unenrolled=$way-unenrolled
	add_users "$exempt" "$unenrolled"
	password "$exempt" 'dull words 123456'
	password "$unenrolled" 'dull words 123456'
	enrol "$exempt" || not_ok "enrol $exempt"
	conf "[mfa]\nexempt_users = $exempt"
	is "$way: an exempt user logs in by the password alone (R2)" \
	    "$(imap "$exempt" 'dull words 123456')" in
	is "$way: so does one who is not enrolled" \
	    "$(imap "$unenrolled" 'dull words 123456')" in
	try exempt "$exempt" 'dull words 654321'
	try unenrolled "$unenrolled" 'dull words '
	conf '[mfa]\nrequire = all'
	try required "$unenrolled" 'dull words 123456'
	try no-more "$exempt" 'dull words 123456'
	jobs_wait
	refused "not by a wrong one" exempt
	refused "not by what stands before the digits" unenrolled
	refused "not where everybody must have a factor" required
	refused "not when the exemption is gone" no-more
	pam_dovecot nullok
	is "$way: but with nullok in both lines" \
	    "$(imap "$unenrolled" 'dull words 123456')" in
	pam_dovecot
	conf
}

everything() {
	enrolled_user
	others
	verifiers_gone "$way: no verifier is left"
	no_zombies "$way: no zombies"
}

common_files
pam_dovecot
dovecot_configure
dovecot_start
each_way everything
kill "$dovecot_pid"
wait "$dovecot_pid" 2>/dev/null
done_testing
