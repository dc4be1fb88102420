#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Codes that are sent, through the real programs and a real mail server, and by
# SMS (R12, R26).

# test_log, listener_log and log_from are of mfa.sh.
# shellcheck disable=SC2034,SC2154
# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/mail.sh
. "$host_lib/mail.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../lib/deliver.sh
. "$host_lib/deliver.sh"

for tool in exim4 sshd sudo su pamtester curl jq; do
	command -v "$tool" >/dev/null || skip_all "no $tool"
done

here=$host_top/tests/host

# ---- the mail ----

# What converse runs.
export mail_box
export -f mail_new mail_code

enrol_by_mail() {
	local user=$way-enrol out mail
	add_users "$user"
	out=$(converse -- "$MFA_BIN/medusa-mfa" enroll --user "$user" \
	    --provider otp --address "$user@mail.example" <<-SCRIPT
	? on its way to $user@mail\\.example
	? Code that was sent:
	! 00000000
	? rong
	? Code that was sent:
	% mail_new $user >/tmp/mail-$user; sed -nE '1,/^\$/d; /^[0-9]{8}\$/p' /tmp/mail-$user
	? enabled
	SCRIPT
	)
	is "$way: R12 enroll: the first code confirms" "$?" 0
	is "$way: R12 enroll: ten recovery codes are shown" \
	    "$(grep -cE '([0-9A-Z]{4}-){5}[0-9A-Z]{4}' <<<"$out")" 10
	mail=$(<"/tmp/mail-$user")
	like "$way: R12 the mail says for what it is" "$mail" \
	    '^Service: medusa-mfa$'
	like "$way: R12 the mail says where" "$mail" '^Host: +sandbox$'
	unlike "$way: R12 there is no link in it" "$mail" '://|www\.'
}

# sending USER: password, "send", the code of the mail.
sending() {
	answers 'assword.*: ' "$first_factor" "$code_prompt" send
	printf '%s\n' "? $on_its_way" "? $code_prompt" \
	    "% mail_code $1 | tee /tmp/code-$1"
}

# ki_from ADDRESS USER: from another address.
ki_from() {
	ssh_command keyboard-interactive "$2"
	converse -- ssh -b "$1" "${ssh_line[@]:1}"
}

by_sshd() {
	local user=$way-sshd other=$way-other out right
	people mail_code @mail.example "$user" "$other"
	pam_full sshd retry=2
	pam_full sudo retry=1
	out=$(sending "$user" | ki "$user")
	let_in "$way: R12 sshd: send, and the code of the mail" "$user" "$out"
	pam_full sshd retry=1
	kept_out "$way: R12 sshd: asking alone is refused" \
	    "$(two send | ki "$user")"
	right=$(mail_code "$user")
	mark_log
	job sudo sudo_login "$user" < <(two "$right")
	job other ki "$other" < <(two "$right")
	job remote ki_from 127.0.0.2 "$user" < <(two "$right")
	jobs_wait
	kept_out "$way: R12 a code of sshd does not open sudo" "$(job_out sudo)"
	kept_out "$way: R12 nor another user" "$(job_out other)"
	kept_out "$way: R12 nor another remote host" "$(job_out remote)"
	is "$way: R26 the log says that no code was sent there" \
	    "$(log_lines | grep -c 'reason=no-code')" 3
	is "$way: R12 none of them was compared" \
	    "$(status_of "$user" wrong_today),$(status_of "$other" wrong_today)" \
	    0,0
	let_in "$way: R12 sshd: it is good in the next connection" "$user" \
	    "$(two "$right" | ki "$user")"
	let_in "$way: R12 sshd: a code of the app, at the same prompt" \
	    "$user" "$(two "$(code "$user")" | ki "$user")"
	job again ki "$user" < <(two "$right")
	job first ki "$user" < <(two "$(<"/tmp/code-$user")")
	let_in "$way: R12 sshd: a recovery code" "$user" \
	    "$(two "$(recovery_code "$user" 1)" | ki "$user")"
	jobs_wait
	kept_out "$way: R12 sshd: the same code again is refused" \
	    "$(job_out again)"
	kept_out "$way: R12 sshd: and so is the first one" "$(job_out first)"
}

by_others() {
	local user=$way-local out
	people mail_code @mail.example "$user"
	pam_full sudo retry=2
	pam_full su retry=2
	out=$({
		printf '%s\n' "$first_factor" send
		mail_code "$user"
	} | as "$user" sudo -S "$sudo_marker" 2>&1)
	let_in "$way: R12 sudo -S: send, and the code" "$user" "$out"
	like "$way: R12 sudo -S: the prompt" "$out" "$code_prompt"
	out=$(sending "$user" | su_login caller "$user")
	let_in "$way: R12 su: send, and the code" "$user" "$out"
	out=$({
		printf '%s\n' "$first_factor" send
		mail_code "$user"
	} | pamtester -I rhost=192.0.2.7 -I tty=tty7 su "$user" \
	    authenticate 2>&1)
	like "$way: R12 pamtester: send, and the code" "$out" \
	    'successfully authenticated'
	is "$way: R12 nobody has more mail than he asked for" \
	    "$(mail_count "$user")" 0
}

# sudo is not among the services: nothing is sent, nothing is offered.
only_sshd() {
	local user=$way-local out
	conf_otp "$libexec/deliver-mail" '' 'services = sshd'
	pam_bare sudo retry=1
	out=$("$host_build/tests/host/pamtry" sudo "$user" 2>&1 <<<send)
	like "$way: R12 services: others have the plain prompt" "$out" \
	    "^$plain_prompt\$"
	is "$way: R12 services: send is no code there" \
	    "$(pam_result sudo "$user" send x y)" auth_err
	is "$way: R12 services: and sends none" \
	    "$(sleep 0.2; mail_count "$user")" 0
	pam_bare sshd retry=1
	out=$("$host_build/tests/host/pamtry" sshd "$user" 2>&1 <<<send)
	like "$way: R12 services: this one offers it" "$out" "$code_prompt"
	like "$way: R12 services: and sends" "$(mail_code "$user")" \
	    '^[0-9]{8}$'
	[ "$way" = spawned ] || like \
	    "$way: R12 services: who is not root only claims to be it" \
	    "$(as "$user" /usr/local/bin/pamtry sshd "$user" 2>&1 <<<send)" \
	    "^$plain_prompt\$"
	conf_otp "$libexec/deliver-mail"
}

mail_trouble() {
	local user=$way-down
	people mail_code @mail.example "$user"
	mark_log
	mail_conf '[mail]\nserver = smtp://localhost:2600\ntimeout = 3'
	is "$way: R12 mail server down: the login goes on" \
	    "$(pam_result once "$user" send "$(code "$user")")" success
	runs "$way: R26 mail server down: the log says so" log_wait \
	    "event=otp.undelivered user=$user .*factor=otp .*connect"
	mail_conf '[mail]\nserver = smtp://localhost:2525'
}

mails() {
	conf_otp "$libexec/deliver-mail"
	mail_conf '[mail]\nserver = smtp://localhost:2525'
	pam_bare once retry=3
	way_start "$way"
	enrol_by_mail
	by_sshd
	if [ "$way" != activated ]; then
		by_others
		only_sshd
		mail_trouble
	fi
	way_stop
}

# ---- SMS ----

sms() {
	local script=/usr/local/libexec/deliver-sms gateway user=sms
	install -m 0755 "$host_top/docs/examples/deliver-sms" "$script"
	/usr/bin/python3 "$here/webhook.py" 2700 "$sms_file" &
	gateway=$!
	listens 2700
	printf '%s\n' 'url = http://127.0.0.1:2700/200' 'token = t.1' \
	    'sender = Example' >"$MFA_ETC/sms.conf"
	chgrp "$runner_account" "$MFA_ETC/sms.conf"
	chmod 0640 "$MFA_ETC/sms.conf"
	conf_otp "$script"
	add_users "$user"
	runs "SMS: a number is enrolled" enrol_sent sms_code "$user" \
	    +4930123456
	is "SMS: a code by SMS lets in" "$({
		echo send
		sms_code "$user"
	} | "$host_build/tests/host/pamtry" once "$user" 2>/dev/null)" success
	is "SMS: none is left over" "$(sleep 0.2; ls "$sms_file" 2>&1)" \
	    "ls: cannot access '$sms_file': No such file or directory"
	kill "$gateway"
	wait "$gateway" 2>/dev/null
}

sms_file=/tmp/posted
# sms_code: what the gateway got; it is gone then.
sms_code() {
	local try
	for try in $(seq 200); do
		if [ -e "$sms_file" ] && [ "$(wc -l <"$sms_file")" -ge 4 ]; then
			sed 1,3d "$sms_file" | jq -r .text |
			    grep -xE '[0-9]{8}'
			rm -f "$sms_file"
			return
		fi
		sleep 0.02
	done
	echo "no SMS after $try looks"
}

# ---- all ----

delivery_set_up
add_users caller
sudo_setup 1
mail_server_start
ssh_by_keyboard
for way in ${MFA_WAYS:-spawned listening activated}; do
	mails
done
pam_bare once retry=3
sms
codes_unlogged /tmp/code-*
no_zombies "no zombies"
done_testing
