#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The verifier under other inits than systemd (docs/services.md): in the
# foreground below a supervisor that starts it again, and by the LSB script.
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

socket=$MFA_RUN/socket
script=/etc/init.d/medusa-mfad
init=$host_top/conf/init

# placed FILE TARGET: as shipped; only the folders may be others.
placed() {
	sed "s|/usr/sbin/medusa-mfad|$MFA_SBIN/medusa-mfad|
	    s|/run/medusa-mfa/|$MFA_RUN/|" "$init/$1" >"$2"
	chmod 0755 "$2"
}

# written HEADING: the first block below it in the manual.
written() {
	awk -v heading="### $1" '
	    /^#/ && !inside { here = $0 == heading }
	    here && /^```/ { inside = !inside; n += inside; next }
	    inside && n == 1' "$host_top/docs/services.md"
}

# answers_within SECONDS: does a program without root get an answer?
answers_within() {
	local end=$((EPOCHSECONDS + $1))
	until setpriv --reuid=alice --regid=alice --clear-groups -- \
	    "$MFA_BIN/medusa-mfa" status >/dev/null 2>&1; do
		[ "$EPOCHSECONDS" -le "$end" ] || return 1
		sleep 0.05
	done
}

listener() {
	pgrep -o -x medusa-mfad
}

supervised() {
	local before supervisor
	is "the manual's run is the file's" "$(written 'runit, daemontools')" \
	    "$(grep -v '^# ' "$init/run")"
	placed run /run/mfa-test/run
	# as runsv and supervise: at most once a second
	bash -c 'trap "kill \$child; exit" TERM
	    while :; do
		/run/mfa-test/run & child=$!
		wait $child
		sleep 1
	    done' >/run/mfa-test/out 2>&1 &
	supervisor=$!
	runs "run: it listens" answers_within 5
	before=$(listener)
	is "run: as the child of the supervisor itself" \
	    "$(ps -o ppid= -p "$before" | tr -d ' ')" "$supervisor"
	is "run: as the account" "$(ps -o user= -p "$before")" medusa-mfa
	is "run: a login" "$(pam_result service alice \
	    "$(recovery_code alice 1)")" success
	kill -KILL "$before"
	runs "run: killed, it comes back" answers_within 5
	differs "run: as another process" "$(listener)" "$before"
	is "run: nothing to say" "$(grep -v Killed /run/mfa-test/out)" ""
	kill "$supervisor"
	wait "$supervisor" 2>/dev/null
	while pgrep -x medusa-mfad >/dev/null; do sleep 0.05; done
	fails "run: told to end, it ends" answers_within 0
}

differs() {
	unlike "$1" "$2" "^$3\$"
}

lsb() {
	local before
	placed medusa-mfad.init "$script"
	"$script" status >/dev/null
	is "lsb: status before: not running" $? 3
	runs "lsb: stop before: nothing to do" "$script" stop
	is "lsb: start says so, and nothing else" "$("$script" start 2>&1)" \
	    "Starting medusa-mfad"
	runs "lsb: it listens" answers_within 1
	runs "lsb: status" "$script" status
	before=$(listener)
	is "lsb: the pid file names it" "$(</run/medusa-mfad.pid)" "$before"
	is "lsb: in a session of its own" \
	    "$(ps -o sid= -p "$before" | tr -d ' ')" "$before"
	is "lsb: start again" "$("$script" start 2>&1)" \
	    "medusa-mfad runs already, pid $before"
	is "lsb: starts no second one" "$(listener)" "$before"
	runs "lsb: restart" "$script" restart
	runs "lsb: it listens again" answers_within 1
	differs "lsb: as another process" "$(listener)" "$before"
	runs "lsb: try-restart" "$script" try-restart
	runs "lsb: force-reload" "$script" force-reload
	runs "lsb: still listens" answers_within 1
	kill -KILL "$(listener)"
	sleep 0.1
	"$script" status >/dev/null
	is "lsb: status after a crash: dead, pid file left" $? 1
	runs "lsb: start after a crash" "$script" start
	runs "lsb: it listens after that" answers_within 1
	# an upgrade puts another file in the place of the one that runs
	cp "$MFA_SBIN/medusa-mfad" "$MFA_SBIN/medusa-mfad.new"
	mv -f "$MFA_SBIN/medusa-mfad.new" "$MFA_SBIN/medusa-mfad"
	runs "lsb: after an upgrade it is still known" "$script" status
	is "lsb: stop says so" "$("$script" stop 2>&1)" "Stopping medusa-mfad"
	is "lsb: it is gone" "$(listener)" ""
	fails "lsb: its socket, too" test -e "$socket"
	# its number is somebody else's now
	sleep 60 &
	echo $! >/run/medusa-mfad.pid
	runs "lsb: another program's number" "$script" stop
	runs "lsb: that program is left alone" kill -0 $!
	kill $!
	fails "lsb: a wrong word" "$script" begin
}

# Without a verifier it must not pretend.
lsb_trouble() {
	local said
	conf '[mfa]\nnonsense = 1'
	said=$("$script" start 2>&1)
	is "lsb: a broken configuration: it starts" $? 0
	like "lsb: and warns" "$said" '^Warning: medusa-mfad --check finds:$'
	like "lsb: with what --check says" "$said" '^problem: .*nonsense'
	unlike "lsb: and not what is well" "$said" '^ok:'
	conf
	runs "lsb: mended, it needs no other start" answers_within 1
	"$script" stop >/dev/null
	mv "$MFA_ETC" "$MFA_ETC.away"
	sed -i 's/^medusa-mfa:/away:/' /etc/passwd
	said=$("$script" start 2>&1)
	is "lsb: it cannot start: status" $? 1
	like "lsb: it cannot start: why" "$said" 'medusa-mfad: medusa-mfa: '
	fails "lsb: it cannot start: no pid file" test -e /run/medusa-mfad.pid
	sed -i 's/^away:/medusa-mfa:/' /etc/passwd
	mv "$MFA_ETC.away" "$MFA_ETC"
}

# The examples that no program here can run: at least their words are shells'.
others() {
	runs "OpenRC: a shell understands it" \
	    sh -n <(written OpenRC)
	like "OpenRC: in the foreground, below its supervisor" \
	    "$(written OpenRC)" '^supervisor=supervise-daemon$'
	unlike "OpenRC: and not in the background" "$(written OpenRC)" \
	    '^command_background'
	like "s6: replaces itself" "$(written s6)" \
	    '^/usr/sbin/medusa-mfad --listen$'
}

pam_bare service retry=1
new_users alice
supervised
lsb
lsb_trouble
others
is "without any daemon: a login" \
    "$(pam_result service alice "$(recovery_code alice 2)")" success
no_zombies "no zombies"
done_testing
