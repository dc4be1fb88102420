#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The listening verifier and its peers, polite and not (R21, R28, R29, R31).
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

denied='error code=22 '
busy='error code=11'
socket=$MFA_RUN/socket

# talk [--uid UID] STEP...
talk() {
	local uid=0
	if [ "$1" = --uid ]; then
		uid=$2
		shift 2
	fi
	timeout 60 "$host_lib/wire" --uid "$uid" "$socket" "$@" 2>&1
}

children() {
	pgrep -c -x -P "$listener_pid" medusa-mfad
}

# serves NAME USER N: a root login through the listener works.
serves() {
	is "$1" "$(pam_result service "$2" "$(recovery_code "$2" "$3")")" success
}

who_may_what() {
	local mine request
	mine=$(id -u alice)
	like "a user may be asked for his own code" \
	    "$(talk --uid "$mine" hello recv login:user=alice recv)" \
	    'prompt .*Verification code'
	like "and see his own state" \
	    "$(talk --uid "$mine" hello recv status:user=alice recv)" \
	    "account user=alice uid=$mine enrolled=1"
	for request in login:user=bob status:user=bob list:user=bob \
	    policy:user=bob prove:user=bob:code=123456 \
	    enroll:user=bob confirm:user=bob:factor=totp:code=123456 \
	    disable:user=bob:factor=totp recovery_codes:user=bob \
	    rename:user=bob:factor=totp:label=mine send:user=bob:factor=totp \
	    login:user=nobody-there login:user=root \
	    sync:user=alice:factor=totp:first=123456:second=123456 \
	    users reset:user=alice unlock:user=alice remove:user=alice keys \
	    invite:user=alice; do
		like "a user may not ${request%%=*} ${request##*=} (R21)" \
		    "$(talk --uid "$mine" hello recv "$request" recv)" "$denied"
	done
	for request in enroll:user=alice recovery_codes:user=alice \
	    disable:user=alice:factor=totp rename:user=alice:factor=totp:label=a
	do
		like "a user proves a factor before ${request%%:*} (R21)" \
		    "$(talk --uid "$mine" hello recv "$request" recv)" \
		    'error code=41 '
	done
	for request in login:user=alice status:user=alice users; do
		like "nor may nobody (the overflow uid) $request" \
		    "$(talk --uid 65534 hello recv "$request" recv)" \
		    "error|closed"
		like "nor the service's own account $request" \
		    "$(talk --uid "$(id -u medusa-mfa)" hello recv \
		        "$request" recv)" "error|closed"
	done
	like "what a user claims is marked as such in the log" \
	    "$(talk --uid "$mine" hello recv \
	        login:user=alice:service=sshd:rhost=10.0.0.1:nullok=1 recv \
	        answer:text=000000 recv recv; log_lines)" 'claimed_service=sshd'
}

out_of_turn() {
	like "login before the greeting" "$(talk login:user=alice recv recv)" \
	    'error code=14 '
	like "an answer to nothing" \
	    "$(talk hello recv answer:text=123456 recv)" 'error code=14 '
	like "a second greeting" "$(talk hello recv hello recv)" 'error code=14 '
	like "a second login at the prompt" \
	    "$(talk hello recv login:user=alice recv login:user=bob recv)" \
	    'error code=14 '
	like "an answer after the verdict" \
	    "$(talk hello recv login:user=alice:retry=1 recv answer:text=wrong \
	        recv answer:text=wrong recv)" 'error code=14 |closed'
	like "a version of the future (R29)" "$(talk hello:7-9 recv)" \
	    'error code=15 '
	like "a client of the release before the last (R29)" \
	    "$(talk hello:1-1 recv)" 'error code=15 '
	like "a client of the release before (R29)" \
	    "$(talk hello:1-2 recv)" 'welcome version=2'
	like "a client that speaks newer versions too" \
	    "$(talk hello:1-9 recv)" 'welcome version=3'
}

malformed() {
	local packet
	for packet in raw: raw:0a raw:0affff raw:ff raw:ffffffffffffffffffff01 \
	    raw:120a0a03626f raw:8201020000 raw:1a00ffff big:100 big:2048 \
	    big:2049 big:60000; do
		like "malformed: ${packet:0:20}" "$(talk "$packet" recv)" \
		    'closed|error'
		like "malformed after the greeting: ${packet:0:20}" \
		    "$(talk hello recv "$packet" recv recv | tail -n 1)" \
		    'closed|error'
	done
	like "a passed descriptor ends it" "$(talk fd recv)" 'closed|error'
	serves "the listener serves on" alice 1
	is "and nothing of it is left" "$(children)" 0
}

silent() {
	local mine n out mute pids=()
	mine=$(id -u alice)
	rm -f /tmp/stop
	talk --uid "$(id -u bob)" gone >/tmp/silent &
	mute=$!
	sleep 0.5
	talk --uid "$mine" hello recv until:/tmp/stop >/tmp/half &
	pids+=($!)
	for n in $(seq 20); do
		talk --uid "$mine" hello recv login:user=alice recv \
		    until:/tmp/stop >"/tmp/held$n" &
		pids+=($!)
	done
	sleep 1
	out=$(talk --uid "$mine" hello recv)
	like "one user's conversations are capped: busy (R28)" "$out" "$busy"
	is "at eight, and there is the silent one" "$(children)" 9
	serves "root's share is its own" alice 2
	like "another user's too" \
	    "$(talk --uid "$(id -u bob)" hello recv)" 'welcome'
	serves "root about the same user" alice 3
	wait "$mute"
	like "who says nothing is gone after five seconds" "$(</tmp/silent)" \
	    'gone after [45]\.'
	is "who waits at a prompt is not" "$(children)" 8
	: >/tmp/stop
	wait "${pids[@]}"
	sleep 0.3
	is "who hangs up is gone at once" "$(children)" 0
	no_zombies "and no zombies"
}

# What a conversation may do is not judged by the policy of yesterday.
old_policy() {
	local pid
	conf '[mfa]\nself_enroll = yes'
	rm -f /tmp/changed
	talk --uid "$(id -u dora)" hello recv enroll:user=dora recv \
	    until:/tmp/changed enroll:user=dora recv >/tmp/patient &
	pid=$!
	sleep 0.5
	conf '[mfa]\nself_enroll = no'
	: >/tmp/changed
	wait "$pid"
	like "who may, enrols (R21)" "$(</tmp/patient)" 'enrolled '
	like "not after the policy has changed (R21)" "$(tail -n 1 /tmp/patient)" \
	    'error code=38 '
	conf
}

# The listener is not there, does not answer, or comes back.
restart() {
	local began uid
	uid=$(id -u alice)
	kill -STOP "$listener_pid"
	began=$(date +%s%N)
	serves "a listener that hangs: root starts its own" alice 4
	is "after about a second" \
	    "$(((($(date +%s%N) - began) / 1000000000) <= 2))" 1
	like "others are told" "$(as alice timeout 20 "$MFA_BIN/medusa-mfa" \
	    status 2>&1)" 'not running'
	kill -CONT "$listener_pid"
	sleep 0.2
	kill -KILL "$listener_pid"
	wait "$listener_pid" 2>/dev/null
	runs "a dead listener leaves its socket" test -S "$socket"
	serves "root starts its own" alice 5
	like "others are told" "$(as alice "$MFA_BIN/medusa-mfa" status 2>&1)" \
	    'not running'
	rm -f /tmp/stop
	way_start listening
	sleep 0.2
	like "a new listener takes the path over" \
	    "$(talk --uid "$uid" hello recv)" welcome
	fails "two listeners on one path" "$MFA_SBIN/medusa-mfad" --listen
	talk --uid "$uid" hello recv login:user=alice recv until:/tmp/stop \
	    answer:text=123456 recv >/tmp/running &
	sleep 0.3
	kill "$listener_pid"
	wait "$listener_pid" 2>/dev/null
	: >/tmp/stop
	wait $!
	like "a conversation outlives its listener" "$(</tmp/running)" \
	    'prompt note=Wrong code|verdict'
	way_stop
	way_start listening
}

# Someone else's socket, or one that someone else could put there.
unsafe_places() {
	local command=(pam_result service alice)
	chown alice "$MFA_RUN"
	is "the socket's folder is not root's: refused" \
	    "$("${command[@]}" "$(recovery_code alice 6)")" unavail
	chown root "$MFA_RUN"
	chmod 0777 "$MFA_RUN"
	is "the socket's folder is open to all: refused" \
	    "$("${command[@]}" "$(recovery_code alice 6)")" unavail
	chmod 0755 "$MFA_RUN"
	mv "$socket" "$socket.real"
	ln -s "$socket.real" "$socket"
	is "the socket is a link: refused" \
	    "$("${command[@]}" "$(recovery_code alice 6)")" unavail
	rm "$socket"
	chmod 0777 "$MFA_RUN"
	as alice /usr/bin/python3 -c '
import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(sys.argv[1]); s.listen(5); time.sleep(4)' "$socket" &
	sleep 0.3
	chmod 0755 "$MFA_RUN"
	is "the listener is not root: refused" \
	    "$("${command[@]}" "$(recovery_code alice 6)")" unavail
	kill $!
	wait $! 2>/dev/null
	rm -f "$socket"
	mv "$socket.real" "$socket"
	is "all of it mended" \
	    "$("${command[@]}" "$(recovery_code alice 6)")" success
	pam_bare elsewhere retry=1 socket=/tmp/socket
	is "a socket below a folder of everybody: refused" \
	    "$(pam_result elsewhere alice "$(recovery_code alice 7)")" unavail
	pam_bare elsewhere retry=1 socket=relative
	is "a relative path is a bad argument (R4)" \
	    "$(pam_result elsewhere alice "$(recovery_code alice 7)")" \
	    service_err
}

# A host that is not root, as a screen locker.
unprivileged_host() {
	local right
	cp "$host_build/tests/host/pamtry" /usr/local/bin/pamtry
	right=$(code carl)
	is "a locker's right code" \
	    "$(as carl pamtry service carl 2>/dev/null <<<"$right")" success
	is "not twice" \
	    "$(as carl pamtry service carl 2>/dev/null <<<"$right")" auth_err
	is "nor for somebody else" \
	    "$(as carl pamtry service alice 2>/dev/null \
	        <<<"$(recovery_code alice 8)")" unavail
	is "nullok of such a host is only a word (R21)" \
	    "$(as dora pamtry nullok dora 2>/dev/null <<<123456)" auth_err
	is "that of a root host is not" "$(pam_result nullok dora 123456)" ignore
	way_stop
	is "without a listener, unavailable" \
	    "$(as carl pamtry service carl 2>/dev/null <<<"$(code carl 1)")" \
	    unavail
}

pam_bare service retry=1
pam_bare nullok retry=1 nullok
new_users alice bob carl
add_users dora
mark_log
way_start listening
who_may_what
out_of_turn
malformed
old_policy
silent
restart
unsafe_places
conf '[mfa]\nrequire = all'
unprivileged_host
done_testing
