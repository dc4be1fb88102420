#!/bin/bash
# SPDX-License-Identifier: MIT
#
# polkit asks for the code (R6, R24): pkexec of an ordinary user, a terminal as
# its agent, and polkit's setuid helper that runs the PAM stack.  With a bus and
# a polkitd of the sandbox's own; the last cases speak to the helper alone.

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

helper=/usr/lib/polkit-1/polkit-agent-helper-1
for tool in "$helper" /usr/lib/polkit-1/polkitd pkexec pkttyagent \
    dbus-daemon; do
	command -v "$tool" >/dev/null || skip_all "no $tool"
done

bus=/run/dbus/system_bus_socket

# there COMMAND...: waits until it succeeds.
there() {
	local try
	for try in $(seq 100); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.05
	done
	not_ok "in time: $*" "after $try looks"
	done_testing
}

polkit_start() {
	mkdir -p "${bus%/*}"
	# whoever asks is the administrator
	cat >/etc/polkit-1/rules.d/10-test.rules <<-'RULES'
	polkit.addAdminRule(function(action, subject) {
		return ["unix-user:" + subject.user];
	});
	RULES
	dbus-daemon --system --nofork --nopidfile >/tmp/bus.log 2>&1 &
	bus_pid=$!
	there test -S "$bus"
	/usr/lib/polkit-1/polkitd --no-debug >/tmp/polkitd.log 2>&1 &
	polkitd_pid=$!
	there pkaction
}

polkit_stop() {
	kill "$polkitd_pid"
	wait "$polkitd_pid" 2>/dev/null
	kill "$bus_pid"
	wait "$bus_pid" 2>/dev/null
}

programs() {
	cat >/usr/local/bin/polkit-marker <<-'MARKER'
	#!/bin/sh
	[ "$(id -u)" = 0 ] && echo "in:$(id -nu "$PKEXEC_UID")"
	MARKER
	# pkexec asks the agent of its parent: this shell.
	cat >/usr/local/bin/polkit-try <<-'TRY'
	#!/bin/bash
	ready=$(mktemp -u)
	mkfifo "$ready"
	pkttyagent --process $$ --notify-fd 3 3>"$ready" &
	cat "$ready"
	rm "$ready"
	pkexec --disable-internal-agent /usr/local/bin/polkit-marker
	kill $!
	TRY
	cat >/usr/local/bin/echo-is-off <<-'ECHO'
	#!/bin/sh
	for try in $(seq 200); do
		stty -a <"/proc/$1/fd/0" | grep -q -- ' -echo ' && exit
		sleep 0.02
	done
	ECHO
	chmod 0755 /usr/local/bin/{polkit-marker,polkit-try,echo-is-off}
	pam_service polkit-1 <<-EOF_SERVICE
	@include common-auth
	auth required $MFA_MODULE retry=1
	@include common-account
	EOF_SERVICE
}

# patiently <SCRIPT: the agent asks, then switches the terminal's echo off and
# drops what was typed before that.
patiently() {
	sed "s/^!/\$ echo-is-off \$PID\\n!/"
}

# agent USER <SCRIPT
agent() {
	patiently | converse -- setpriv --reuid="$1" --regid="$1" \
	    --init-groups -- polkit-try
}

right() {
	local user=$way-right right out
	new_users "$user"
	right=$(code "$user")
	mark_log
	out=$(two "$right" | agent "$user")
	let_in "$way: R24 the right code lets in" "$user" "$out"
	like "$way: the log names polkit" "$(log_lines)" \
	    "event=challenge.verified user=$user service=polkit-1 "
	job replay agent "$user" < <(two "$right")
	job wrong agent "$user" < <(two "$(wrong_code "$user")")
	job password agent "$user" < <(answers 'assword: ' wrong)
	jobs_wait
	kept_out "$way: R6 the same code again is refused" "$(job_out replay)"
	kept_out "$way: R24 a wrong code is refused" "$(job_out wrong)"
	is "$way: and counted" "$(status_of "$user" wrong_today)" 1
	kept_out "$way: a wrong password is refused" "$(job_out password)"
	unlike "$way: and never comes to us" "$(job_out password)" \
	    'Verification'
	let_in "$way: a recovery code lets in" "$user" \
	    "$(two "$(recovery_code "$user" 1)" | agent "$user")"
	verifiers_gone "$way: no verifier is left"
}

not_enrolled() {
	add_users plain
	let_in "R2 who is not enrolled gives the password alone" plain \
	    "$(answers 'assword: ' "$first_factor" | agent plain)"
	conf '[mfa]\nrequire = all'
	job plain agent plain < <(two 123456)
	jobs_wait
	kept_out "R4 require = all: refused" "$(job_out plain)"
	like "after the same prompt" "$(job_out plain)" "$code_prompt"
	conf
}

# help USER ANSWER...: polkit's helper as an agent calls it; the cookie first.
help() {
	local user=$1
	shift
	printf '%s\n' cookie "$@" |
	    as "$user" timeout 20 "$helper" "$user" 2>&1
}

# Without a bus the helper cannot report what it found: the log tells.
alone() {
	local out
	new_users helped
	mark_log
	out=$(help helped "$first_factor" "$(code helped)")
	is "R24 the helper asks twice" "$(grep -c ECHO_OFF <<<"$out")" 2
	like "with our prompt" "$out" \
	    "^PAM_PROMPT_ECHO_OFF $code_prompt\$"
	like "and the code is right" "$(log_lines)" \
	    'challenge.verified user=helped service=polkit-1 '
	job gone help helped "$first_factor"
	job told help helped "$first_factor" "$(wrong_code helped)"
	jobs_wait
	like "R24 an agent that goes away fails" "$(job_out gone)" '^FAILURE'
	like "a wrong code fails" "$(job_out told)" '^FAILURE'
	is "that one is counted, the other is not" \
	    "$(status_of helped wrong_today)" 1
	verifiers_gone "no verifier is left"
}

programs
polkit_start
each_way right
not_enrolled
polkit_stop
alone
no_zombies "no zombies"
done_testing
