#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What an ordinary user can do to su, sudo and their verifier while they run:
# signals, stopping, the keys of a terminal, looking into them, tracing; and a
# log that nobody reads (R6, R7, R14, R20, R21, R28).
# shellcheck disable=SC2154

# shellcheck source=../../lib/host.sh
. "$(dirname "$0")/../../lib/host.sh"
# shellcheck source=../../lib/logins.sh
. "$host_lib/logins.sh"

caller=caller

# pry HOST-PID: as the ordinary user, each thing that must not be possible; prints
# those that were.  In a session of its own: SIGCONT is everybody's within one.
cat >/usr/local/bin/pry <<'PRY'
#!/bin/bash
host=$1
verifier=$(pgrep -n -x medusa-mfad)
[ -n "$verifier" ] && [ -d "/proc/$host" ] || echo "nothing to pry into"
for signal in 0 STOP CONT TERM KILL SEGV ALRM; do
	kill -s "$signal" "$verifier" 2>/dev/null && echo "verifier: kill $signal"
done
for pid in "$host" "$verifier"; do
	for file in mem environ maps auxv stack syscall io pagemap mountinfo; do
		head -c 1 "/proc/$pid/$file" >/dev/null 2>&1 &&
		    [ "$file" != mountinfo ] && echo "$pid: $file"
	done
	ls "/proc/$pid/fd" >/dev/null 2>&1 && [ -n "$(ls "/proc/$pid/fd")" ] &&
	    echo "$pid: fd"
	readlink "/proc/$pid/cwd" && echo "$pid: cwd"
	timeout 5 strace -qq -p "$pid" -e trace=none sleep 0 2>&1 |
	    grep -q 'not permitted' || echo "$pid: traced"
	renice -n 19 -p "$verifier" >/dev/null 2>&1 && echo "renice"
	prlimit --pid "$verifier" --nofile=3:3 >/dev/null 2>&1 &&
	    echo "prlimit"
	taskset -p 1 "$verifier" >/dev/null 2>&1 && echo "taskset"
	chrt --idle -p 0 "$verifier" >/dev/null 2>&1 && echo "chrt"
done
PRY
chmod 0755 /usr/local/bin/pry

# enter HOST USER: as an ordinary user, with a script from standard input.
enter() {
	case $1 in
	su) su_login "$caller" "$2" ;;
	sudo) sudo_login "$2" ;;
	esac
}

# whose HOST USER: who runs it.
whose() {
	[ "$1" = su ] && echo "$caller" || echo "$2"
}

again() {
	pam_result again "$1" "$2"
}

looked_into() {
	local host=$1 user=$way-$1-pry
	new_users "$user"
	let_in "$way: $host: somebody looks at it, and it goes on" "$user" "$({
		printf '%s\n' "? $code_prompt" \
		    "\$ setsid -w setpriv --reuid=$(whose "$host" "$user") \
		    --clear-groups pry \$PID >/tmp/pried 2>&1" "! $(code "$user")"
	} | enter "$host" "$user")"
	is "$way: $host: nothing is to be seen or had from outside" \
	    "$(</tmp/pried)" ""
}

# For the script: until the host is dead, so that nothing typed goes to it.
# shellcheck disable=SC2016
gone='n=0; while grep -q "^State:.[^ZX]" /proc/$PID/status 2>/dev/null &&
    [ $((n += 1)) -le 100 ]; do sleep 0.1; done'
gone=${gone//$'\n'/ }

# For the script: until the host waits for a key.  sudo loses one that is pressed
# between its prompt and its read.
# shellcheck disable=SC2016
reading='n=0; until grep -q "^State:.S" /proc/$PID/status ||
    [ $((n += 1)) -gt 100 ]; do sleep 0.1; done'
reading=${reading//$'\n'/ }

# killed_by NAME SCRIPT-LINE: su or sudo dies at the prompt; nothing is charged.
killed_by() {
	local host=$1 name=$2 line=$3 user=$way-$1-$2 right out
	new_users "$user"
	# One that does not grow old, however slow the machine is.
	right=$(recovery_code "$user" 1)
	out=$({
		printf '%s\n' "? $code_prompt" "\$ $reading" "$line" "\$ $gone" \
		    "! $right"
	} | enter "$host" "$user" 2>&1)
	kept_out "$way: $host: $name at the prompt ends it" "$out"
	is "$way: $host: $name: nothing is charged" \
	    "$(status_of "$user" wrong_today)" 0
	is "$way: $host: $name: the code is still good" \
	    "$(again "$user" "$right")" success
}

signals() {
	local host=$1 signal
	killed_by "$host" interrupt '~ \x03'
	killed_by "$host" quit '~ \x1c'
	for signal in HUP TERM KILL SEGV; do
		killed_by "$host" "sig${signal,,}" \
		    "\$ setpriv --reuid=$(whose "$host" \
		    "$way-$host-sig${signal,,}") --clear-groups \
		    kill -$signal \$PID"
	done
	verifiers_gone "$way: $host: no verifier is left of those"
	is "$way: $host: and no core" \
	    "$(find / /tmp -xdev \( -name core -o -name 'core.[0-9]*' \) -type f \
	        -newer /usr/local/bin/pry 2>/dev/null)" ""
}

# stopped HOST: at the prompt, for as long as its user likes: nobody waits for
# it, and afterwards it goes on.
stopped() {
	local host=$1 user=$way-$1-stop right out
	new_users "$user"
	right=$(recovery_code "$user" 1)
	out=$({
		printf '%s\n' "? $code_prompt" "\$ kill -STOP \$PID" \
		    "\$ $pamtry again $user <<<$(recovery_code "$user" 2) >/tmp/stop 2>&1" \
		    "\$ kill -CONT \$PID" "! $right"
	} | enter "$host" "$user")
	is "$way: $host: stopped at the prompt: another login is not held up" \
	    "$(tail -n 1 /tmp/stop)" success
	let_in "$way: $host: and it goes on" "$user" "$out"
}

# stopped_after HOST: as soon as the code is sent.  strace plays the user, who
# has to be quick.
stopped_after() {
	local host=$1 user=$way-$1-late right out
	new_users "$user"
	right=$(code "$user")
	cat >/tmp/late <<-LATE
	strace -qq -e trace=sendto -e inject=sendto:signal=SIGSTOP:when=1 \
	    -o /tmp/late.trace -p \$1 >/dev/null 2>&1 &
	for try in {1..500}; do
		! grep -q '^TracerPid:.*[1-9]' /proc/\$1/status || break
		sleep 0.01
	done
	LATE
	cat >/tmp/late.look <<-LOOK
	sleep 0.5
	{
		sed -n 's/^State:[[:space:]]*\([A-Za-z]\).*/\1/p' /proc/\$1/status
		$pamtry again $user <<<$right
		$pamtry again $user <<<$(code "$user" 1)
	} >/tmp/late.seen 2>/dev/null
	kill -CONT \$1
	LOOK
	out=$({
		printf '%s\n' "? $code_prompt" "\$ bash /tmp/late \$PID" \
		    "! $right" "\$ bash /tmp/late.look \$PID"
	} | enter "$host" "$user")
	like "$way: $host: stopped when the code was sent: it is used, and nobody waits (R6, R7)" \
	    "$(xargs </tmp/late.seen)" '^[tT] auth_err success$'
	let_in "$way: $host: let go, it is let in" "$user" "$out"
}

# A verifier that is stopped while it has the record's lock, as by a frozen
# cgroup: others are refused after two seconds, and not charged.
frozen() {
	local user=$way-frozen right began seen
	new_users "$user"
	right=$(code "$user")
	cat >/tmp/freeze <<-FREEZE
	verifier=\$(pgrep -n -x medusa-mfad)
	echo "\$verifier" >/tmp/frozen.pid
	strace -qq -e trace=fdatasync -e inject=fdatasync:signal=SIGSTOP:when=1 \
	    -o /tmp/frozen.trace -p "\$verifier" >/dev/null 2>&1 &
	for try in {1..500}; do
		! grep -q '^TracerPid:.*[1-9]' /proc/\$verifier/status || break
		sleep 0.01
	done
	FREEZE
	cat >/tmp/frozen.look <<-LOOK
	sleep 0.5
	{
		$pamtry again $user <<<$(code "$user" 1)
		$pamtry again $user <<<$(recovery_code "$user" 1)
	} >/tmp/frozen.seen 2>/dev/null
	kill -CONT \$(</tmp/frozen.pid)
	LOOK
	began=$EPOCHSECONDS
	seen=$({
		printf '%s\n' "? $code_prompt" '$ bash /tmp/freeze' \
		    "! $right" '$ bash /tmp/frozen.look'
	} | enter su "$user")
	is "$way: a verifier frozen with the lock: others are refused (R28)" \
	    "$(xargs </tmp/frozen.seen)" "unavail unavail"
	is "$way: soon" "$((EPOCHSECONDS - began < 12))" 1
	let_in "$way: thawed, it lets in" "$user" "$seen"
	is "$way: and the others were not charged" \
	    "$(status_of "$user" wrong_today) $(status_of "$user" \
	        recovery_compared)" "0 0"
	is "$way: the code of the one that was refused is still good" \
	    "$(again "$user" "$(code "$user" 1)")" success
}

# Nobody reads the log, and its socket is full.
mute_log() {
	local user=$way-mute sink began
	sink=$(pgrep -f 'lib/logsink /var/log')
	new_users "$user"
	kill -STOP "$sink"
	python3 -c '
import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect("/dev/log")
s.setblocking(False)
try:
    while True:
        s.send(b"<13>x" * 100)
except BlockingIOError:
    pass'
	began=$EPOCHSECONDS
	is "$way: a log that is full: a wrong code is refused" \
	    "$(again "$user" "$(wrong_code "$user")")" auth_err
	is "$way: the right one lets in" \
	    "$(again "$user" "$(code "$user")")" success
	is "$way: both within seconds" "$((EPOCHSECONDS - began < 12))" 1
	kill -CONT "$sink"
	is "$way: the wrong one was charged" \
	    "$(status_of "$user" wrong_today)" 1
}

# su as a program that an ordinary user traces is not setuid any more.
traced() {
	local user=$way-traced out
	new_users "$user"
	out=$(code "$user" 1 | as "$caller" timeout 20 strace -f -qq \
	    -e trace=none su "$user" -c true 2>&1)
	kept_out "$way: su that its user traces lets nobody in" "$out"
	is "$way: and uses no code" "$(again "$user" "$(code "$user" 1)")" \
	    success
}

everything() {
	local host
	pam_bare su retry=1
	pam_bare sudo retry=1
	pam_bare again retry=1
	sudo_setup 1
	for host in su sudo; do
		looked_into "$host"
		signals "$host"
		stopped "$host"
		stopped_after "$host"
	done
	traced
	frozen
	mute_log
	no_zombies "$way: no zombies"
}

pamtry=$host_build/tests/host/pamtry
add_users "$caller"
MFA_WAYS=${MFA_WAYS:-spawned}
each_way everything
done_testing
