#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The systemd units: what systemd says of them without running, and the verifier
# with no more capabilities than they leave it (R23, R24, R28).  No systemd runs
# here: its filter of system calls is compared with what a verifier calls.

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

units=$(dirname "$MFA_VENDOR")/systemd/system
sysusers=$(dirname "$MFA_VENDOR")/sysusers.d/medusa-mfa.conf

# value UNIT KEY: the last one set.
value() {
	sed -n "s/^$2=//p" "$units/$1" | tail -n 1
}

written() {
	is "installed" "$(cd "$units" && ls medusa-mfad.*)" \
	    "medusa-mfad.service
medusa-mfad.socket"
	is "no name is left to be filled in" \
	    "$(cat "$units"/medusa-mfad.* "$sysusers" |
	        grep -v '^SystemCallFilter=' | grep -c '@')" 0
	is "the socket is where clients look" \
	    "$(value medusa-mfad.socket ListenSequentialPacket)" \
	    "$MFA_RUN/socket"
	is "everybody may connect" \
	    "$(value medusa-mfad.socket SocketMode)" 0666
	is "uids are the kernel's: no PrivateUsers (R21)" \
	    "$(grep -c PrivateUsers= "$units/medusa-mfad.service")" 0
	is "systemd understands them" \
	    "$(systemd-analyze verify --man=no "$units/medusa-mfad.service" \
	        "$units/medusa-mfad.socket" 2>&1)" ""
	is "exposure of 2.0 at most" "$(systemd-analyze security \
	    --offline=yes --threshold=20 "$units/medusa-mfad.service" \
	    >/dev/null 2>&1; echo $?)" 0
	is "and above 1.0, or this test sees nothing" "$(systemd-analyze \
	    security --offline=yes --threshold=10 \
	    "$units/medusa-mfad.service" >/dev/null 2>&1; echo $?)" 1
	is "the accounts" "$(awk '/^u/ { print $2 }' "$sysusers")" \
	    "medusa-mfa
medusa-mfa-runner"
	is "systemd-sysusers takes them" "$(systemd-sysusers "$sysusers" \
	    >/dev/null 2>&1; echo $?)" 0
}

# With the capabilities of the unit, a folder of the unit's mode, and handed
# the socket: logins, and a program.
confined() {
	local caps
	caps=$(value medusa-mfad.service CapabilityBoundingSet |
	    tr '[:upper:]' '[:lower:]' | sed 's/cap_/+/g; s/ /,/g')
	is "two capabilities" "$caps" +setuid,+setgid
	install -d -m 0755 /usr/local/libexec
	cat >/usr/local/libexec/letter <<-'END'
	#!/bin/sh
	sed -n 's/^code: //p' >/run/mfa-test/code
	END
	chmod 0755 /usr/local/libexec/letter
	install -d -o medusa-mfa-runner /run/mfa-test/letters
	sed -i 's,/run/mfa-test/code,/run/mfa-test/letters/code,' \
	    /usr/local/libexec/letter
	conf '[mfa]\nproviders = totp otp recovery_code\n[otp]\nprogram = /usr/local/libexec/letter'
	new_users "$way-alice"
	mark_log
	listen /usr/bin/strace -f -qq -o "$trace" /usr/bin/setpriv \
	    --bounding-set "-all,$caps" --no-new-privs -- \
	    /usr/bin/systemd-socket-activate --seqpacket \
	    -l "$MFA_RUN/socket" "$MFA_SBIN/medusa-mfad" --listen
	chmod 0666 "$MFA_RUN/socket"
	pam_bare confined
	is "a right code logs in" "$(pam_result confined "$way-alice" \
	    "$(code "$way-alice" 1)")" success
	is "a wrong one does not" "$(pam_result confined "$way-alice" \
	    "$(wrong_code "$way-alice")")" auth_err
	mfa enroll --user "$way-alice" --provider otp --address a@b.example \
	    </dev/null >/dev/null 2>&1
	like "a program got a code to send" "$(cat /run/mfa-test/letters/code 2>&1)" '^[0-9]{8}$'
	is "and nothing went wrong" "$(log_lines | grep -c 'event=error')" 0
	like "all by the confined listener" \
	    "$(grep CapBnd "/proc/$(pgrep -o -x medusa-mfad)/status")" \
	    '00000000000000c0$'
}

# A conversation that crashes makes it start itself anew, in the same cage (R28).
anew() {
	local verifier child try
	verifier=$(pgrep -o -x medusa-mfad)
	timeout 20 "$host_lib/wire" --uid "$(id -u "$way-alice")" \
	    "$MFA_RUN/socket" hello:1-9 recv gone >/tmp/held &
	for try in $(seq 100); do
		! grep -q welcome /tmp/held 2>/dev/null || break
		sleep 0.05
	done
	child=$(pgrep -n -x -P "$verifier" medusa-mfad)
	kill -SEGV "$child"
	wait $!
	like "it is served by one that started anew ($try)" \
	    "$(timeout 20 "$host_lib/wire" "$MFA_RUN/socket" hello:1-9 recv)" \
	    welcome
	is "which executed itself, once" \
	    "$(grep -c '^'"$verifier"' *execve("/proc/self/exe".* = 0$' \
	        "$trace")" 1
	like "and has no more rights" \
	    "$(grep CapBnd "/proc/$verifier/status")" '00000000000000c0$'
	rm -f /run/mfa-test/letters/code
	new_users "$way-bob"
	mfa enroll --user "$way-bob" --provider otp --address b@b.example \
	    </dev/null >/dev/null 2>&1
	like "its programs are run" \
	    "$(cat /run/mfa-test/letters/code 2>&1)" '^[0-9]{8}$'
}

# members SET...: the system calls of systemd's sets, in order.
members() {
	local set name
	for set; do
		systemd-analyze syscall-filter "$set" |
		    sed -n '2,$s/^ *\([@a-z]\)/\1/p' | while read -r name; do
			case $name in
			@*) members "$name" ;;
			*) printf '%s\n' "$name" ;;
			esac
		done
	done | sort -u
}

# What is refused is only what the start does as far as it goes.
filtered() {
	local allowed used
	is "the filter" \
	    "$(grep ^SystemCallFilter= "$units/medusa-mfad.service")" \
	    "SystemCallFilter=@system-service
SystemCallFilter=~@resources @privileged
SystemCallFilter=@setuid"
	allowed=$(comm -23 <(members @system-service) \
	    <(members @resources @privileged) | sort -u - <(members @setuid))
	used=$(sed '1,/execve("[^"]*medusa-mfad"/d' "$trace" |
	    sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' | sort -u)
	like "calls were seen" "$used" '^setresuid$'
	like "of a program, too" "$used" '^execve$'
	is "all but these are allowed" \
	    "$(comm -13 <(printf '%s\n' "$allowed") <(printf '%s\n' "$used"))" \
	    "ioprio_set
sched_setaffinity
sched_setscheduler
setpriority"
}

way=unit
trace=/run/mfa-test/calls
written
confined
anew
filtered
done_testing
