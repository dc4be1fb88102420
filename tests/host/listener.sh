#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The listening verifier under load and under attack: silent crowds, floods,
# children that crash (R20, R21, R28).
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

busy='error code=11'
socket=$MFA_RUN/socket
stop=/tmp/stop

# peers MODE ARGUMENT...
peers() {
	/usr/bin/python3 "$host_top/tests/host/listener_peers.py" "$@"
}

# said FILE REGEX: waits until it says so, some seconds.
said() {
	local try
	for try in $(seq 200); do
		! grep -qE "$2" "$1" 2>/dev/null || return 0
		sleep 0.05
	done
	not_ok "$1 says $2" "$try looks: $(cat "$1" 2>&1)"
}

# talk USER STEP...
talk() {
	local uid
	uid=$(id -u "$1")
	shift
	timeout 60 "$host_lib/wire" --uid "$uid" "$socket" "$@" 2>&1
}

greets() {
	like "$1" "$(talk "$2" hello:1-9 recv)" welcome
}

# locker NAME USER N: a login by a host that is not root, as a screen locker.
locker() {
	is "$1" "$(as "$2" pamtry service "$2" 2>/dev/null \
	    <<<"$(recovery_code "$2" "$3")")" success
}

children() {
	pgrep -c -x -P "$listener_pid" medusa-mfad
}

# settled NAME COUNT: so many children, within some seconds.
settled() {
	local try
	for try in $(seq 100); do
		[ "$(children)" != "$2" ] || break
		sleep 0.05
	done
	is "$1" "$(children)" "$2"
}

# What must stay over a crash: descriptors by name, the listening one's inode
# among them; and what must not: where things are in memory.
descriptors() {
	readlink "/proc/$listener_pid"/fd/* | sort
}

bases() {
	grep -E '\[(stack|heap)\]|/libc\.so' "/proc/$listener_pid/maps" |
	    sed 's/-.*//' | sort
}

memory() {
	sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' \
	    "/proc/$listener_pid/status"
}

# no_growth NAME: since before was set.
no_growth() {
	is "$1: its descriptors are those of before" "$(descriptors)" "$before"
	is "$1: its memory does not grow" \
	    "$(($(memory) <= resident + 1024))" 1
	runs "$1: it is the same process" kill -0 "$listener_pid"
}

# ---- crowds ----

silent_crowd() {
	local uids=() n crowd
	for n in $(seq 63); do
		uids+=("$(id -u "crowd$n")")
	done
	exec 8> >(peers silent "$socket" 500 "${uids[@]}" >/tmp/crowd)
	crowd=$!
	said /tmp/crowd .
	is "500 conversations, left silent" "$(</tmp/crowd)" "open 500"
	greets "another uid is greeted at once (R28)" dora
	locker "and its login succeeds (R28)" carl 1
	is "root's share is untouched" \
	    "$(pam_result service alice "$(recovery_code alice 1)")" success
	is "no more than the others' share is held" \
	    "$(($(children) <= 130))" 1
	exec 8>&-
	wait "$crowd" 2>/dev/null
	settled "nothing of it is left" 0
	unlike "who gave way has not crashed" "$(log_lines)" 'reason=crash'
	no_growth "a silent crowd"
}

# Who is silent for a second makes room for one of his own.
silent_self() {
	exec 8> >(peers silent "$socket" 8 "$(id -u dora)" >/tmp/crowd)
	sleep 1.5
	greets "a user's own silent conversations give way to him (R28)" dora
	exec 8>&-
	settled "and all end" 0
}

floods() {
	local kind n=1 tries
	for kind in connect half huge state fd; do
		job "$kind" peers flood "$socket" "$kind" \
		    "$(id -u "crowd$n")" 2
		n=$((n + 1))
	done
	sleep 0.3
	is "in a flood root logs in (R28)" \
	    "$(pam_result service alice "$(recovery_code alice 2)")" success
	tries=0
	until talk dora hello:1-9 recv | grep -q welcome ||
	    [ "$tries" -ge 200 ]; do
		tries=$((tries + 1))
	done
	is "and another uid is greeted, if not at once ($tries)" \
	    "$((tries < 200))" 1
	jobs_wait
	for kind in connect half huge state fd; do
		like "a flood of this kind: $kind" "$(job_out "$kind")" \
		    "^$kind [0-9]{2,}"
	done
	locker "after it another uid's login succeeds" carl 2
	settled "nothing is left of the floods" 0
	no_zombies "no zombies either"
	no_growth "floods"
	unlike "each ended its own conversation, by no signal" \
	    "$(log_lines)" 'reason=(crash|hang)'
}

# The last to close a connection closes what was passed on it.
lingering() {
	rm -f /tmp/crowd
	exec 8> >(peers linger "$socket" "$listener_pid" "$(id -u dora)" \
	    >/tmp/crowd)
	said /tmp/crowd .
	like "descriptors that take an hour to close" "$(</tmp/crowd)" \
	    '^passed 3'
	like "the next is served at once (R28)" \
	    "$(timeout 2 "$host_lib/wire" --uid "$(id -u bob)" "$socket" \
	        hello:1-9 recv)" welcome
	like "who did it has his eight places and no more" \
	    "$(talk dora hello:1-9 recv)" "$busy"
	exec 8>&-
	settled "and they end" 0
	no_growth "lingering descriptors"
}

# ---- crashes ----

# child_of COMMAND...: starts a conversation in the background that is at its
# prompt; the pid of its child in $child.
child_of() {
	rm -f /tmp/held
	"$@" >/tmp/held &
	said /tmp/held 'welcome|prompt'
	child=$(pgrep -n -x -P "$listener_pid" medusa-mfad)
}

# crash USER: a child of that user dies by a signal; the listener is anew.
crash() {
	local was try
	was=$(bases)
	child_of talk "$1" hello:1-9 recv gone
	kill -"${2:-SEGV}" "$child"
	for try in $(seq 100); do
		[ "$(bases)" = "$was" ] || break
		sleep 0.02
	done
	sleep 0.1
	some_anew "$1: where things are in memory is new" "$was"
	no_growth "$1: after the crash"
	is "$1: it has its name" "$(ps -o comm= -p "$listener_pid")" medusa-mfad
	like "$1: told to the log" "$(log_lines)" \
	    "event=error reason=crash uid=$(id -u "$1") detail=signal"
}

# some_anew NAME BEFORE: no base is what it was.
some_anew() {
	is "$1" "$(comm -12 <(bases) <(printf '%s\n' "$2"))" ""
	is "and there are some" "$(($(bases | wc -l) >= 3))" 1
}

status_field() {
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$listener_pid/status" |
	    tr -s '\t ' ' '
}

# How it stands after execve is how it stood before.
surroundings() {
	status_field Uid
	status_field Gid
	status_field Groups
	status_field NoNewPrivs
	status_field SigBlk
	status_field SigIgn
	status_field CapPrm
	stat -c %U "/proc/$listener_pid/environ"
	tr '\0' '\n' <"/proc/$listener_pid/environ"
	grep -vE 'pending' "/proc/$listener_pid/limits"
	readlink "/proc/$listener_pid/cwd"
}

crashes() {
	local n were waiting right pids=()
	were=$(surroundings)
	right=$(recovery_code alice 3)
	rm -f "$stop"
	talk root hello:1-9 recv login:user=alice recv "until:$stop" \
	    "answer:text=$right" recv >/tmp/waiting &
	waiting=$!
	for n in $(seq 8); do
		talk carl hello:1-9 recv login:user=carl recv "until:$stop" \
		    >"/tmp/own$n" &
		pids+=($!)
	done
	settled "a login waits at its prompt, and eight of one user" 9
	# What goes on is the running image, wherever its file is.
	mv "$MFA_SBIN/medusa-mfad" "$MFA_SBIN/away"
	crash bob
	is "as it was before, in every other way (R20)" "$(surroundings)" "$were"
	like "the uid of the crash is refused (R28)" \
	    "$(talk bob hello:1-9 recv)" "$busy"
	greets "other uids are not" dora
	like "who held eight places still does" \
	    "$(talk carl hello:1-9 recv)" "$busy"
	mfa enroll --user alice --provider otp --address a@b.example \
	    </dev/null >/dev/null 2>&1
	like "programs are run as before (R23)" \
	    "$(cat /run/mfa-test/letters/code 2>&1)" '^[0-9]{8}$'
	crash dora ABRT
	like "a second crash at once: the first is not forgotten" \
	    "$(talk bob hello:1-9 recv)" "$busy"
	like "and counts, too" "$(talk dora hello:1-9 recv)" "$busy"
	: >"$stop"
	wait "$waiting" "${pids[@]}"
	like "the login at its prompt goes on to its end" "$(</tmp/waiting)" \
	    'verdict code=[0-9]* reason=1( |$)'
	mv "$MFA_SBIN/away" "$MFA_SBIN/medusa-mfad"
	settled "all of before are collected" 0
	no_zombies "no zombies"
}

# Nobody waits in vain while it starts anew.
backlog() {
	local n pids=()
	child_of talk crowd1 hello:1-9 recv gone
	kill -STOP "$listener_pid"
	kill -SEGV "$child"
	for n in $(seq 20); do
		talk "crowd$((n + 1))" hello:1-9 recv >"/tmp/line$n" &
		pids+=($!)
	done
	sleep 0.5
	kill -CONT "$listener_pid"
	wait "${pids[@]}"
	is "20 that waited through a crash are all greeted (R28)" \
	    "$(cat /tmp/line* | grep -c welcome)" 20
}

watchdog() {
	local was
	was=$(bases)
	child_of talk crowd30 hello:1-9 recv gone
	kill -ALRM "$child"
	settled "a child ended by its watchdog" 0
	is "is no crash: nothing starts anew" "$(bases)" "$was"
	greets "and nobody is refused" crowd30
	like "it is told" "$(log_lines)" \
	    "reason=hang uid=$(id -u crowd30) detail=signal"
}

root_crashes() {
	crash root
	like "root is refused here" "$(talk root hello:1-9 recv)" "$busy"
	is "and has its other way (R28)" \
	    "$(pam_result service alice "$(recovery_code alice 4)")" success
	greets "others are served" crowd31
}

# ---- the internal mode ----

not_for_people() {
	local who out
	for who in root alice medusa-mfa; do
		out=$(setpriv --reuid="$who" --regid="$who" --clear-groups -- \
		    env -i "$MFA_SBIN/medusa-mfad" --resume 3 3</dev/null 2>&1)
		is "--resume by $who is refused in one line: status" "$?" 1
		is "and the line" "$out" \
		    "medusa-mfad: only a listening verifier resumes, by itself"
	done
	unlike "nobody is told of it" \
	    "$("$MFA_SBIN/medusa-mfad" --help)" resume
	kill "$listener_pid"
	wait "$listener_pid"
	is "SIGTERM ends one that started anew as any other" "$?" 0
	listener_pid=
}

pam_bare service retry=1
install -d -m 0755 /usr/local/libexec /run/mfa-test
install -d -o medusa-mfa-runner /run/mfa-test/letters
printf '#!/bin/sh\nsed -n "s/^code: //p" >/run/mfa-test/letters/code\n' \
    >/usr/local/libexec/letter
chmod 0755 /usr/local/libexec/letter
conf '[mfa]\nproviders = totp otp recovery_code\n[otp]\nprogram = /usr/local/libexec/letter'
cp "$host_build/tests/host/pamtry" /usr/local/bin/pamtry
new_users alice bob carl
mapfile -t crowd < <(printf 'crowd%d\n' {1..63})
add_users dora "${crowd[@]}"
mark_log
way_start listening
greets "it listens" dora
settled "and is idle" 0
before=$(descriptors)
resident=$(memory)
silent_crowd
silent_self
floods
lingering
crashes
backlog
watchdog
root_crashes
not_for_people
done_testing
