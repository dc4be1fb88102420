#!/bin/bash
# SPDX-License-Identifier: MIT
#
# No secret is in an argument or in the environment of any program that a login,
# a command or an event starts, nor in what event programs are told or write
# (R14).  Commands run under strace; so do the listener and its runner.
# shellcheck disable=SC2154,SC2004,SC2034

# shellcheck source=../../lib/host.sh
. "$(dirname "$0")/../../lib/host.sh"
# shellcheck source=../../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../../lib/leaks.sh
. "$host_lib/leaks.sh"

command -v strace >/dev/null || skip_all "no strace"

post=/var/post                     # what was delivered
heard=/var/heard                   # what events were told
deliver=/usr/local/libexec/deliver
events=$MFA_ETC/events.d
tracing=()

# Before every use by the helpers of mfa.sh, too.
mfa() {
	"${tracing[@]}" "$MFA_BIN/medusa-mfa" "$@"
}

# hears: what its runner gave it, with its environment and arguments.
make_programs() {
	mkdir -p "$post" "$heard" "$events" "${deliver%/*}"
	chown medusa-mfa-runner "$post" "$heard"
	cat >"$deliver" <<-PROGRAM
	#!/bin/bash
	exec sed -n 's/^code: //p' >"$post/\$\$"
	PROGRAM
	cat >"$events/hears" <<-PROGRAM
	#!/bin/bash
	exec cat - /proc/\$\$/environ /proc/\$\$/cmdline >>$heard/all
	PROGRAM
	chmod 0755 "$deliver" "$events/hears"
}

trace_begins() {
	local try pids
	trace=/tmp/execs.$way
	: >"$trace"
	tracing=(strace -f -qq -xx -v -s 4096 -e trace=execve -A -o "$trace")
	[ "$way" != spawned ] || return
	pids=$listener_pid,$(pgrep -d , -x medusa-mfa-runn)
	"${tracing[@]}" -p "$pids" >/dev/null 2>&1 &
	tracer=$!
	for try in $(seq 200); do
		! grep -q '^TracerPid:.*[1-9]' "/proc/$listener_pid/status" ||
		    return
		sleep 0.02
	done
	not_ok "$way: the listener is traced" "after $try looks"
}

trace_ends() {
	tracing=()
	if [ "$way" != spawned ]; then
		kill "$tracer"
		wait "$tracer" 2>/dev/null
	fi
	# as the programs got it
	printf '%b' "$(<"$trace")" >"$trace.text"
}

# log_in SERVICE USER ANSWER...
log_in() {
	"${tracing[@]}" "$host_build/tests/host/pamtry" "$1" "$2" \
	    < <(printf '%s\n' "${@:3}") 2>/dev/null
}

factors() {
	local user=$way-words right
	add_users "$user"
	enrol "$user" --digits 8 || not_ok "$way: enrol"
	typed "$user" "$(code "$user" -1)"
	right=$(code "$user")
	is "$way: a code lets in" "$(log_in bare "$user" "$right")" success
	is "$way: a recovery code too" \
	    "$(log_in bare "$user" "$(recovery_code "$user" 1)")" success
	known "$user"
	typed "$user" "$right"
	typed "$user" "$(code "$user" 4)"
	typed "$user" "$(code "$user" 5)"
	runs "$way: sync" mfa sync --user "$user" totp \
	    < <(code "$user" 4; code "$user" 5)
	recovery[$user]+=$'\n'$(mfa recovery-codes --yes --user "$user" \
	    --json | jq -r '.recovery_codes[]')
	recovery[$user]+=$'\n'$(mfa bypass --for 10m --reason lost --json "$user" |
	    jq -r .code)
	add_users "$user-2"
	recovery[$user]+=$'\n'$(mfa invite --json "$user-2" | jq -r .code)
	is "$way: so many secrets are known" \
	    "$(grep -c . <<<"${recovery[$user]}")" 22
	known "$user"
}

# The key of a factor that comes from elsewhere.
imported() {
	local user=$way-import key
	add_users "$user"
	key=$(head -c 20 /dev/urandom | basenc --base16)
	runs "$way: import" mfa import oath - --user "$user" \
	    <<<"HOTP/T30/6 $user - $key"
	secret[$user]=$(basenc --base16 -d <<<"$key" | base32)
	known "$user"
}

ring() {
	local user=$way-words old
	old=$(<"$MFA_ETC/keys/primary")
	runs "$way: key rotate" mfa key rotate
	known "$user"
	touch -d '1 hour ago' "$MFA_ETC/keys/primary"
	runs "$way: key rekey" mfa key rekey
	runs "$way: key list" mfa key list
	like "$way: key export" "$(mfa key export | cat)" \
	    "$(<"$(key_file)")"
	runs "$way: key remove" mfa key remove "$old"
}

sent() {
	local user=$way-sent sent again
	add_users "$user"
	mfa enroll --user "$user" --provider otp --address "$user@there" \
	    --json >/dev/null
	sent=$(posted)
	recovery[$user]=$(mfa confirm otp --user "$user" --json <<<"$sent" |
	    jq -r '.recovery_codes[]')
	is "$way: a code that is sent lets in" "$({
		echo send
		again=$(posted)
		echo "$again"
		echo "text typed $again" >"$secrets/again"
	} | "${tracing[@]}" "$host_build/tests/host/pamtry" twice "$user" \
	    2>/dev/null)" success
	known "$user"
	typed "$user" "$sent"
	note_secrets "$user" <"$secrets/again"
}

everything() {
	trace_begins
	factors
	imported
	ring
	sent
	trace_ends
	is "$way: R14 no secret is in an argument or an environment" \
	    "$(found_in "$trace.text")" ""
	for seen in medusa-mfa medusa-mfad "$deliver" "$events/hears"; do
		like "$way: the programs were seen: $seen" \
		    "$(<"$trace.text")" "execve\\(\"[^\"]*${seen##*/}\", "
	done
	is "$way: R14 nor in what event programs were told" \
	    "$(found_in "$heard/all")" ""
	for seen in factor.enabled recovery_code.used key.rotated \
	    key.exported otp.generated challenge.verified; do
		like "$way: which were told of $seen" "$(tr '\0' '\n' \
		    <"$heard/all")" "\"$seen\""
	done
}

make_programs
conf "[mfa]\nproviders = totp recovery_code otp\n[otp]\nprogram = $deliver
[events]\ndirectory = $events"
pam_bare bare retry=1
pam_bare twice retry=2
each_way everything
no_file_has_them ""
done_testing
