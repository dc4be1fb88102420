#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a host can see of a verifier that works for it, and the other way round,
# looked at in /proc while the host waits at the prompt (R20); and what a login
# does to files (R19).
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

# snapshot FOLDER HOST: /proc of the newest verifier, and of the host process.
cat >/usr/local/bin/snapshot <<'SNAPSHOT'
#!/bin/bash
mkdir -p "$1"
sleep 0.1
verifier=$(pgrep -n -x medusa-mfad)
host=$(pgrep -n -x "$2")
echo "$verifier" >"$1/pid"
cd "/proc/$verifier" || exit 1
cp status limits maps stat "$1"
tr '\0' '\n' <environ >"$1/environ"
tr '\0' ' ' <cmdline >"$1/cmdline"
readlink cwd >"$1/cwd"
# the folder itself is always the process's; its files are root's if not dumpable
stat -c %U environ >"$1/owner"
readlink fd/* | sort >"$1/fds"
ls -l fd >"$1/fd-list"
readlink "/proc/$host"/fd/* | sort >"$1/host-fds"
cat "/proc/$host/task/$host/children" >"$1/host-children"
grep -E '^(SigPnd|ShdPnd)' "/proc/$host/status" >"$1/host-pending"
pgrep -a --runstates Z . >"$1/zombies"
SNAPSHOT
chmod 0755 /usr/local/bin/snapshot

# at_prompt HOST USER ENTER...: a login that is looked at, then goes on.
at_prompt() {
	local host=$1 user=$2 right
	shift 2
	right=$(code "$user")
	rm -rf "/tmp/seen.$host"
	let_in "$way: $host: the login that is looked at" "$user" "$({
		answers 'assword.*: ' "$first_factor"
		printf '%s\n' "? $code_prompt" \
		    "\$ snapshot /tmp/seen.$host $host" "! $right"
	} | "$@" "$user")"
}

# field NAME: of the verifier's status, blanks folded.
field() {
	sed -n "s/^$1:[[:space:]]*//p" "$seen/status" | tr -s '\t ' ' ' |
	    sed 's/ $//'
}

look() {
	local name="$way: $1" seen=/tmp/seen.$1 uid gid allowed
	uid=$(id -u medusa-mfa)
	gid=$(id -g medusa-mfa)
	is "$name: all uids are the account's" "$(field Uid)" "$uid $uid $uid $uid"
	is "$name: all gids are the account's" "$(field Gid)" "$gid $gid $gid $gid"
	is "$name: no groups" "$(field Groups)" ""
	is "$name: no capabilities" \
	    "$(field CapPrm) $(field CapEff) $(field CapAmb)" \
	    "0000000000000000 0000000000000000 0000000000000000"
	is "$name: no new privileges" "$(field NoNewPrivs)" 1
	# but for the two that libc keeps to itself, which make ignores for us
	is "$name: ignores SIGPIPE and SIGXFSZ, no other signal" \
	    "$((0x$(field SigIgn) & ~0x180000000))" $((0x1001000))
	is "$name: blocks no signal" "$(field SigBlk)" 0000000000000000
	is "$name: not dumpable" "$(<"$seen/owner")" root
	like "$name: no core" "$(<"$seen/limits")" \
	    '^Max core file size +0 +0 '
	is "$name: no environment" "$(<"$seen/environ")" ""
	is "$name: in /" "$(<"$seen/cwd")" /
	# a listener was given its standard output and error
	allowed="^(/dev/null|socket:.*|$MFA_STATE(/.*)?|$listener_log)\$"
	is "$name: descriptors: null, sockets, the store" \
	    "$(grep -vE "$allowed" "$seen/fds")" ""
	is "$name: none of them is the host's" \
	    "$(comm -12 "$seen/fds" "$seen/host-fds" | grep -vx /dev/null)" ""
	unlike "$name: no memory map of the host's" "$(<"$seen/maps")" \
	    "libpam|/security/|$(command -v "$1")\$"
	is "$name: the host has no child that it did not make" \
	    "$(<"$seen/host-children")" ""
	is "$name: no zombies at the prompt" "$(<"$seen/zombies")" ""
	unlike "$name: no signal pending in the host" \
	    "$(<"$seen/host-pending")" '[1-9a-f]$'
}

# ancestry NAME: of what look looked at; fields after the name in stat.
ancestry() {
	local seen=/tmp/seen.$1 pid rest state ppid group session tty
	pid=$(<"$seen/pid")
	rest=$(<"$seen/stat")
	read -r state ppid group session tty _ <<<"${rest##*) }"
	is "$way: $1: its parent" "$ppid" "${listener_pid:-1}"
	is "$way: $1: no terminal ($state)" "$tty" 0
	if [ "$way" = spawned ]; then
		is "$way: $1: its own session and group" "$session $group" \
		    "$pid $pid"
		is "$way: $1: its command" "$(<"$seen/cmdline")" \
		    "medusa-mfad --conversation "
	else
		is "$way: $1: in the session of the listener" "$session" \
		    "$(ps -o sid= -p "$listener_pid" | tr -d ' ')"
	fi
}

ssh_in() {
	ssh_login keyboard-interactive "$1"
}

su_in() {
	su_login caller "$1"
}

# strace shows the signals that reach the host.
no_sigchld() {
	local user=$way-signals out
	new_users "$user"
	out=$(code "$user" | strace -qq -e trace=none -o /tmp/signals \
	    "$host_build/tests/host/pamtry" bare "$user" 2>&1)
	like "$way: a login under strace" "$out" '^success$'
	is "$way: the host got no SIGCHLD" "$(</tmp/signals)" ""
}

# A login writes into what is there: it makes, renames, resizes nothing and takes
# one lock, the subject's own, be the code right or wrong.
making='O_(CREAT|TMPFILE|TRUNC)|SETLK|^[0-9]+ +(creat|(mk|un|rm|sym)?(dir|link|nod)|rename|f?truncate|fallocate|f?ch(mod|own)|f?setxattr)[a-z0-9]*\('
traced() {
	local tracer
	if [ -z "$listener_pid" ]; then
		strace -f -qq -y -e trace=%file,%desc -o "$1" \
		    "$host_build/tests/host/pamtry" bare "$2"
		return
	fi
	strace -f -qq -y -e trace=%file,%desc -o "$1" -p "$listener_pid" &
	tracer=$!
	sleep 0.3
	"$host_build/tests/host/pamtry" bare "$2"
	sleep 0.3
	kill "$tracer"
	wait "$tracer"
}

touches_one_file() {
	local user=$way-files calls=/tmp/calls.$way
	new_users "$user"
	is "$way: a wrong code and a right one under strace" "$({
		wrong_code "$user" | traced "$calls.1" "$user"
		code "$user" | traced "$calls.2" "$user"
	} 2>&1 | grep -xE 'auth_err|success' | xargs)" "auth_err success"
	like "$way: its calls are seen" "$(<"$calls.2")" 'pwrite64\(.*/records/'
	is "$way: they make, rename and resize nothing (R19)" \
	    "$(cat "$calls".? | grep -E "$making")" ""
	is "$way: each takes one lock, the subject's (R19)" \
	    "$(sed -nE 's/.*flock\([0-9]+<(.*)>, LOCK_EX.*/\1/p' \
	        "$calls.1" "$calls.2" | sort | uniq -c | xargs)" \
	    "2 $MFA_STATE/records/u-$user"
}

# A host that has odd descriptors open keeps them to itself.
# shellcheck disable=SC2016
odd_in() {
	converse -- bash -c '"$0" full "$1" 3</tmp/secret 4<>/tmp/secret \
	    9</etc/shadow 200</tmp/secret && echo "in:$1"' \
	    "$host_build/tests/host/pamtry" "$1"
}

odd_descriptors() {
	local user=$way-odd
	new_users "$user"
	echo secret >/tmp/secret
	at_prompt pamtry "$user" odd_in
	like "$way: a host with odd descriptors" \
	    "$(</tmp/seen.pamtry/host-fds)" shadow
	unlike "$way: keeps them to itself" "$(</tmp/seen.pamtry/fds)" \
	    'secret|shadow'
}

everything() {
	pam_full su
	pam_full sudo
	pam_full sshd
	pam_full full
	pam_bare bare
	new_users "$way-su" "$way-sudo" "$way-sshd"
	at_prompt su "$way-su" su_in
	at_prompt sudo "$way-sudo" sudo_login
	at_prompt sshd "$way-sshd" ssh_in
	for host in su sudo sshd; do
		look "$host"
		ancestry "$host"
	done
	odd_descriptors
	no_sigchld
	touches_one_file
	verifiers_gone "$way: no verifier is left"
	no_zombies "$way: no zombies"
}

add_users caller
sudo_setup 1
sshd_start <<'SSHD'
UsePAM yes
KbdInteractiveAuthentication yes
SSHD
each_way everything
done_testing
