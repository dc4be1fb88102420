# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
#
# Codes that are sent: the program that sends them, people who get them.  Sourced
# after host.sh, mail.sh and logins.sh.

# As a person sees it, and for converse.
code_prompt='Verification code \(or "send"\): '
plain_prompt='Verification code: '
on_its_way='If a code can be sent to you, it is on its way\.'

# The program that most tests deliver by; its file is changed under way.
program=/usr/local/libexec/deliver-test
post=/var/post

# conf_otp PROGRAM [TEXT [OTP-TEXT]]: TEXT belongs to [mfa].
conf_otp() {
	conf "[mfa]\nproviders = totp recovery_code otp\n${2-}\n[otp]\nprogram = $1\n${3-}"
}

# install_program: from standard input, as programs have to be.
install_program() {
	rm -rf "$program"
	cat >"$program"
	chmod 0755 "$program"
}

# What it is told goes to a file of the address's name.  For the service
# "trouble", the last word of the address says what happens.
# shellcheck disable=SC2016
good_program() {
	install_program <<-PROGRAM
	#!/bin/bash
	declare -A said
	while IFS= read -r line && [ -n "\$line" ]; do
	    said[\${line%%: *}]=\${line#*: }
	done
	printf '%s\n' "\${said[code]}" >$post/new
	printf '%s\n' "\${said[code]}" >>$post/all
	mv $post/new "$post/\${said[to]}"
	[ "\${said[service]}" = trouble ] || exit 0
	case \${said[to]##*-} in
	exit)
	    echo "the code \${said[code]} stays here" >&2
	    exit 1 ;;
	flood) exec yes "\${said[code]}" ;;
	noise)
	    head -c 10000000 /dev/zero | tr '\0' x >&2
	    exit 4 ;;
	hang) exec sleep 100 ;;
	escape)
	    setsid sh -c 'trap "" TERM HUP; sleep 101 & sleep 102' &
	    sleep 0.1
	    exit 5 ;;
	linger)
	    setsid sh -c 'sleep 103 & sleep 104' &
	    exit 0 ;;
	suicide) kill -9 \$\$ ;;
	parricide)
	    kill -9 \$PPID
	    exec sleep 105 ;;
	esac
	PROGRAM
}

# posted USER: waits for the code that the program got, and takes it.
posted() {
	local try
	for try in $(seq 200); do
		if [ -s "$post/$1" ]; then
			cat "$post/$1"
			rm -f "$post/$1"
			return
		fi
		sleep 0.02
	done
	echo "nothing for $1 after $try looks"
}

# posts USER: 1 if something waits to be taken, after a moment.
posts() {
	sleep 0.3
	find "$post" -name "$1" | wc -l
}

# enrol_sent HOW USER ADDRESS: confirmed by the first code, which HOW USER gets.
enrol_sent() {
	local out
	mfa enroll --user "$2" --provider otp --address "$3" --json \
	    >/dev/null || return 1
	out=$("$1" "$2" | mfa confirm otp --user "$2" --json) || return 1
	[ -n "${recovery[$2]-}" ] ||
	    recovery[$2]=$(jq -r '.recovery_codes[]?' <<<"$out")
}

# people HOW ADDRESS-TAIL NAME...: with an app and an address.
people() {
	local how=$1 tail=$2 name
	shift 2
	new_users "$@"
	for name; do
		enrol_sent "$how" "$name" "$name$tail" || {
			not_ok "enrol $name"
			done_testing
		}
	done
}

# ask_for SERVICE USER: a login that only asks for a code.
ask_for() {
	pam_result "$1" "$2" send >/dev/null
}

# sent_result SERVICE USER: one that asks for it and types it.
sent_result() {
	{
		echo send
		posted "$2"
	} | "$host_build/tests/host/pamtry" "$1" "$2" 2>/dev/null
}

# ---- logins ----

# as_self SERVICE USER [ANSWER]...: pam_result in a program of the user's own.
as_self() {
	local service=$1 user=$2
	shift 2
	printf '%s\n' "$@" |
	    as "$user" /usr/local/bin/pamtry "$service" "$user" 2>/dev/null
}

# seen SERVICE USER ANSWER...: prompts, texts and result, without names.
seen() {
	local service=$1 user=$2
	shift 2
	printf '%s\n' "$@" |
	    "$host_build/tests/host/pamtry" "$service" "$user" 2>&1
}

ssh_by_keyboard() {
	sshd_start <<-'SSHD'
	UsePAM yes
	PasswordAuthentication no
	KbdInteractiveAuthentication yes
	SSHD
}

ki() {
	ssh_login keyboard-interactive "$1"
}

# ---- all ----

delivery_set_up() {
	mkdir -p "$post" "${program%/*}"
	chown "$runner_account" "$post"
	install -D "$host_build/tests/host/pamtry" /usr/local/bin/pamtry
	good_program
	conf_otp "$program"
	pam_bare once retry=3
}

# delivery_ways COMMAND...: in each way.
delivery_ways() {
	local way
	for way in ${MFA_WAYS:-spawned listening}; do
		conf_otp "$program"
		way_start "$way"
		"$@"
		way_stop
		verifiers_gone "$way: no verifier is left"
	done
}

# codes_unlogged FILE...: these have the codes that were sent, a line each.
codes_unlogged() {
	unlike "R14 no code is in a log" "$(cat "$test_log" "$listener_log" \
	    "$mail_log" /var/log/sshd.log 2>/dev/null)" \
	    "$(sort -u "$@" | paste -sd '|')"
}
