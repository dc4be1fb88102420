#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Codes that are sent: programs that fail (R26, R28), and the account that they
# run as (R23).

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

command -v jq >/dev/null || skip_all "no jq"

# ---- programs that fail ----

# runners_left NAME: but for the listener's runner, none of its processes.
runners_left() {
	local try most=0
	[ -z "$listener_pid" ] || most=1
	for try in $(seq 60); do
		if [ "$(pgrep -u "$runner_account" -c)" -le "$most" ]; then
			ok "$1"
			return
		fi
		sleep 0.05
	done
	not_ok "$1" "after $try looks: $(pgrep -u "$runner_account" -a)"
}

# fails_to_send NAME USER REGEX [SECONDS]: the login goes on meanwhile.
fails_to_send() {
	local start=${EPOCHREALTIME/./} user=$2 took
	mark_log
	is "$way: R23 $1: the login goes on" \
	    "$(pam_result trouble "$user" send "$(code "$user")")" success
	took=$(((${EPOCHREALTIME/./} - start) / 1000))
	runs "$way: R28 $1: nobody waited for it ($took ms)" \
	    [ "$took" -lt 1500 ]
	runs "$way: R26 $1: the log says why" log_wait \
	    "authpriv.err .*event=otp.undelivered user=$user .*service=trouble .*factor=otp .*err=undelivered .*$3" "${4-}"
}

troubles() {
	local word user
	for word in exit flood noise suicide parricide escape linger hang gone open \
	    plain link deaf; do
		user+=" $way-$word"
	done
	# shellcheck disable=SC2086
	people posted '' $user
	hangs
	fails_to_send "exit 1" "$way-exit" \
	    'exit\\x201:\\x20the\\x20code\\x20\*+\\x20stays'
	fails_to_send "flood of output" "$way-flood" \
	    'more\\x20than\\x204096\\x20bytes'
	fails_to_send "flood of errors" "$way-noise" 'exit\\x204:\\x20x{100,160}( |$)'
	fails_to_send "suicide" "$way-suicide" 'died\\x20of\\x20signal\\x209'
	fails_to_send "a child with a session of its own" "$way-escape" \
	    'exit\\x205'
	is "$way: R23 it kills who runs it: the login goes on" \
	    "$(pam_result trouble "$way-parricide" send \
		"$(code "$way-parricide")")" success
	# without a name in it, so once a minute for both ways
	log_from=0
	runs "$way: R26 it kills who runs it: the log says so" log_wait \
	    'authpriv.err .*event=error err=program .*a\\x20job\\x20was\\x20lost'
	is "$way: R23 a child of one that ended well: the login" \
	    "$(pam_result trouble "$way-linger" send \
		"$(code "$way-linger")")" success
	posted "$way-linger" >/dev/null
	unsafe_programs
	sleep 0.1
	is "$way: R23 of the others nothing is left" \
	    "$(pgrep -u "$runner_account" -a sleep)" \
	    "$(pgrep -u "$runner_account" -af 'sleep 100')"
}

unsafe_programs() {
	mv "$program" "$program.aside"
	fails_to_send "no program" "$way-gone" 'not\\x20run:'
	ln -s "$program.aside" "$program"
	fails_to_send "a symbolic link" "$way-link" 'not\\x20run:'
	rm "$program"
	mv "$program.aside" "$program"
	chmod 0777 "$program"
	fails_to_send "writable by others" "$way-open" 'not\\x20run:.*unsafe|not\\x20run:.*safe'
	chmod 0644 "$program"
	fails_to_send "not executable" "$way-plain" 'not\\x20run:'
	chmod 0755 "$program"
	mv "$program" "$program.aside"
	install_program <<<$'#!/bin/sh\nexit 6'
	fails_to_send "reads nothing" "$way-deaf" 'exit\\x206'
	mv "$program.aside" "$program"
}

# It hangs while the tests go on; hung looks at what came of it.
hangs() {
	local user=$way-hang start=${EPOCHREALTIME/./} took sent
	mark_log
	is "$way: R28 hangs: the login goes on" \
	    "$(pam_result trouble "$user" send "$(code "$user")")" success
	took=$(((${EPOCHREALTIME/./} - start) / 1000))
	runs "$way: R28 hangs: nobody waited for it ($took ms)" \
	    [ "$took" -lt 1500 ]
	sent=$(posted "$user")
	like "$way: R12 hangs: it has a code" "$sent" '^[0-9]{8}$'
	like "$way: R23 hangs: it is there" \
	    "$(pgrep -u "$runner_account" -af 'sleep 100')" sleep
	unlike "$way: R14 the code is in nobody's arguments or environment" \
	    "$(cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null |
		tr '\0' '\n')" "$sent"
	{
		while ! grep -q "user=$user .*killed.x20after.x2010" \
		    "$test_log" && [ "$took" -lt 20000 ]; do
			sleep 0.1
			took=$(((${EPOCHREALTIME/./} - start) / 1000))
		done
		echo "$took" >"/tmp/hung-$way"
	} &
	hung_pids+=($!)
}

orphan=
hung_pids=()
hung() {
	wait "${hung_pids[@]}"
	log_from=0
	for way; do
		like "$way: R28 hangs: killed, and logged, after 10 to 12 s" \
		    "$(<"/tmp/hung-$way")" '^1[01][0-9]{3}$'
	done
	[ -z "$orphan" ] || runs \
	    "R23 a program that hangs is killed without the runner, too" \
	    log_wait "user=$orphan .*killed.x20after.x2010"
	runners_left "R23 no process of any program is left"
}

# ---- whom programs run as ----

probe_program() {
	install_program <<-'PROBE'
	#!/usr/bin/python3 -I
	import json, os, re, sys

	def works(call, *arguments):
	    try:
	        call(*arguments)
	        return True
	    except OSError:
	        return False

	def text_of(path):
	    with open(path, "rb") as f:
	        return f.read(1 << 16).decode("latin-1")

	# processes come and go meanwhile
	def owner(pid):
	    try:
	        return os.stat("/proc/%d/task" % pid).st_uid
	    except OSError:
	        return os.getuid()

	def name(pid):
	    try:
	        return text_of("/proc/%d/comm" % pid).strip()
	    except OSError:
	        return "gone"

	letter = sys.stdin.read()
	to = re.search("^to: (.*)$", letter, re.M).group(1)
	paths = json.loads(text_of("/var/post/paths"))
	status = dict(line.split(":\t", 1) for line in
	    text_of("/proc/self/status").split("\n") if ":\t" in line)
	others = [p for p in map(int, filter(str.isdigit, os.listdir("/proc")))
	    if owner(p) != os.getuid()]
	watched = ["/proc/%d/%s" % (p, what) for p in others + [os.getppid()]
	    for what in ("mem", "environ")]
	found = {
	    "uids": os.getresuid(),
	    "gids": os.getresgid(),
	    "groups": os.getgroups(),
	    "cwd": os.getcwd(),
	    "environ": text_of("/proc/self/environ").split("\0")[:-1],
	    "argv": sys.argv,
	    "fds": [fd for fd in range(1000) if works(os.fstat, fd)],
	    "session": os.getsid(0) == os.getpid() == os.getpgrp(),
	    "no_new_privs": status["NoNewPrivs"],
	    "caps": "".join(status[key].strip() for key in status
	        if key.startswith("Cap") and key != "CapBnd"),
	    "readable": [p for p in paths["files"] if works(text_of, p)],
	    "listable": [p for p in paths["folders"] if works(os.listdir, p)],
	    "signalled": [name(p) for p in others if works(os.kill, p, 0)],
	    "watched": [p for p in watched if works(text_of, p)],
	    "verifiers": [name(p) for p in others].count("medusa-mfad"),
	}
	with open("/var/post/new", "w") as out:
	    json.dump(found, out)
	os.rename("/var/post/new", "/var/post/" + to)
	PROBE
}

# What must not be read, and the folders it is in.
secret_paths() {
	local files folders
	files=$(
		find "$MFA_ETC/keys" "$MFA_STATE" "$mail_box" -type f \
		    ! -name store-id
		echo /etc/shadow
	)
	folders="$MFA_ETC/keys $MFA_STATE/records $mail_box/$1 $mail_box/$1/new"
	jq -n --arg files "$files" --arg folders "$folders" \
	    '{files: ($files | split("\n")), folders: ($folders | split(" "))}' \
	    >"$post/paths"
	chmod 0644 "$post/paths"
}

# said KEY: of what it found out.
said() {
	jq -c ".$1" /tmp/probed
}

probe() {
	local user=$way-probe said uid gid
	people posted '' "$user"
	mkdir -p "$mail_box/$user/new"
	echo secret >"$mail_box/$user/new/1"
	chown -R "$user" "$mail_box/$user"
	chmod -R go= "$mail_box/$user"
	secret_paths "$user"
	probe_program
	# the verifier is there as long as the login is
	{
		echo send
		posted "$user" >/tmp/probed
		recovery_code "$user" 1
	} | "$host_build/tests/host/pamtry" once "$user" >/dev/null 2>&1
	uid=$(id -u "$runner_account")
	gid=$(id -g "$runner_account")
	is "$way: R23 ids, all of them" "$(said uids)$(said gids)" \
	    "[$uid,$uid,$uid][$gid,$gid,$gid]"
	is "$way: R23 no group beside" "$(said groups)" '[]'
	is "$way: R23 the environment" "$(said environ)" \
	    '["PATH=/usr/sbin:/usr/bin:/sbin:/bin","LANG=C","MEDUSA_MFA=deliver"]'
	is "$way: R23 no arguments" "$(said argv)" "[\"$program\"]"
	is "$way: R23 the folder" "$(said cwd)" '"/"'
	is "$way: R23 descriptors" "$(said fds)" '[0,1,2]'
	is "$way: R23 a session of its own" "$(said session)" true
	is "$way: R23 no_new_privs" "$(said no_new_privs)" '"1"'
	like "$way: R23 no capability" "$(said caps)" '^"0+"$'
	like "$way: R23 it looked at files of all kinds" \
	    "$(tr -d '\n' <"$post/paths")" "$MFA_ETC/keys.*$MFA_STATE/records/.*$mail_box.*shadow"
	is "$way: R23 it can read none of them" "$(said readable)" '[]'
	is "$way: R23 nor their folders" "$(said listable)" '[]'
	like "$way: R23 there was a verifier" "$(said verifiers)" '^[1-9]'
	is "$way: R23 it can signal nobody else" "$(said signalled)" '[]'
	is "$way: R23 nor look into them, or into its runner" \
	    "$(said watched)" '[]'
	good_program
}

# own_runner: of the listener.
own_runner() {
	[ -z "$listener_pid" ] ||
	    pgrep -u "$runner_account" -P "$listener_pid"
}

# One runner for a listener, one for each spawned verifier.
lifetime() {
	local user=$way-life runner
	people posted '' "$user" "$way-orphan-hang"
	runner=$(own_runner)
	is "$way: R23 a code goes out" "$(sent_result once "$user")" success
	if [ "$way" = spawned ]; then
		runners_left "$way: R23 and no runner stays"
		return
	fi
	is "$way: R23 the runner is still the same one" \
	    "$(own_runner),$(pgrep -P "$runner" -c)" "$runner,0"
	orphan=$way-orphan-hang
	ask_for trouble "$orphan"
	posted "$orphan" >/dev/null
	mark_log
	kill -9 "$runner"
	without_runner 'runner is gone' "$user"
	is "$way: R12 without a runner the prompts are the same" \
	    "$(seen once "$user" send)" "$(seen once nobody-here send)"
}

# without_runner NAME USER: root's programs start a verifier of their own.
without_runner() {
	is "$way: R23 $1: root's programs send all the same" \
	    "$(sent_result once "$2")" success
	runs "$way: R26 $1: the log says what to do" log_wait \
	    'event=error .*runner.*restart|event=error .*changed.*restart'
	is "$way: R23 $1: others log in by the app" \
	    "$(as_self once "$2" send "$(code "$2")")" success
	is "$way: R23 $1: and are sent nothing" "$(posts "$2")" 0
	runs "$way: R26 $1: which the log says" log_wait \
	    "event=otp.undelivered user=$2 .*err=unavailable"
}

# A listener that was started with another program.
changed_program() {
	local user=$way-changed
	[ "$way" != spawned ] || return
	way_stop
	way_start "$way"
	people posted '' "$user" "$user-2"
	sed "2i : >$post/second" "$program" >"$program-2"
	chmod 0755 "$program-2"
	conf_otp "$program-2"
	mark_log
	without_runner 'program changed' "$user"
	runs "$way: R23 program changed: it was the new one" \
	    test -e "$post/second"
	way_stop
	way_start "$way"
	as_self once "$user-2" send >/dev/null
	like "$way: R23 after a restart others are sent codes, too" \
	    "$(posted "$user-2")" '^[0-9]{8}$'
	conf_otp "$program"
	way_stop
	way_start "$way"
}

# ---- all ----

everything() {
	pam_bare trouble retry=3
	probe
	lifetime
	changed_program
	troubles
}

delivery_set_up
mkdir -m 1777 "$mail_box"
delivery_ways everything
# shellcheck disable=SC2086
hung ${MFA_WAYS:-spawned listening}
codes_unlogged "$post/all"
no_zombies "no zombies"
done_testing
