# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
#
# Helpers of the host tests: users, factors, codes, PAM services, the ways to
# reach the verifier, the log.  Only for use inside the sandbox (host.sh).
#
# MFA_WAYS may name the ways to try: spawned listening activated.

test_log=/var/log/test.log
first_factor='First factor 1'   # every test user's password
first_factor_hash="\$6\$rounds=1000\$medusa\$TcyYCLNjckYC60th6P999tJKviBfrYzxvkmEMNB9/ivrbHZDAHoZZkD9lHooecUH0qeb97Fj2zNWuq61.2RgP/"
marker_shell=/usr/local/bin/marker-shell

# What enrol found out, by user.
declare -A secret factor recovery algorithm digits period

mfa() {
	"$MFA_BIN/medusa-mfa" "$@"
}

# add_users NAME...: with the password above and a shell that prints "in:NAME"
# and ends.  Straight into the files, since a test may want hundreds.
next_uid=20001
add_users() {
	local name
	for name; do
		printf '%s:x:%d:%d::/:%s\n' "$name" "$next_uid" "$next_uid" \
		    "$marker_shell" >>/etc/passwd
		printf '%s:x:%d:\n' "$name" "$next_uid" >>/etc/group
		printf '%s:%s:19000:0:99999:7:::\n' "$name" \
		    "$first_factor_hash" >>/etc/shadow
		next_uid=$((next_uid + 1))
	done
}

# settle SECONDS [PERIOD]: waits until the step has this long to go.
settle() {
	local step=${2:-30} left
	left=$((step - EPOCHSECONDS % step))
	[ "$left" -gt "$1" ] || sleep "$left"
}

# wait_next_step USER: until codes of the next step are current.
wait_next_step() {
	sleep $((period[$1] - EPOCHSECONDS % period[$1]))
}

# code USER [STEPS]: the code of now, or of STEPS steps from now.
code() {
	local user=$1 at
	at=$((EPOCHSECONDS + ${2:-0} * period[$user]))
	oathtool "--totp=${algorithm[$user]}" -b -d "${digits[$user]}" \
	    -s "${period[$user]}s" -N "@$at" - <<<"${secret[$user]}"
}

# wrong_codes USER COUNT: so many, none of which is right within five steps.
wrong_codes() {
	local user=$1 left=$2 right="" n=123456 step candidate
	for step in -5 -4 -3 -2 -1 0 1 2 3 4 5; do
		right+=" $(code "$user" "$step")"
	done
	while [ "$left" -gt 0 ]; do
		n=$(((n + 7919) % 10 ** digits[$user]))
		printf -v candidate "%0${digits[$user]}d" "$n"
		[[ "$right " = *" $candidate "* ]] && continue
		printf '%s\n' "$candidate"
		left=$((left - 1))
	done
}

# wrong_code USER [NUMBER]: one of them, another one for each NUMBER.
wrong_code() {
	wrong_codes "$1" "$((${2:-0} + 1))" | tail -n 1
}

# pending USER [OPTION]...: a pending factor; fills secret, factor and so on.
pending() {
	local user=$1 out url
	shift
	out=$(mfa enroll --user "$user" --json "$@") || return 1
	IFS=$'\t' read -r "secret[$user]" "factor[$user]" url < <(
		jq -er '[.secret, .id, .otpauth_url] | @tsv' <<<"$out") ||
	    return 1
	algorithm[$user]=sha1 digits[$user]=6 period[$user]=30
	[[ $url =~ algorithm=([A-Za-z0-9]+) ]] &&
	    algorithm[$user]=${BASH_REMATCH[1],,}
	[[ $url =~ digits=([0-9]+) ]] && digits[$user]=${BASH_REMATCH[1]}
	[[ $url =~ period=([0-9]+) ]] && period[$user]=${BASH_REMATCH[1]}
	return 0
}

# enrol USER [OPTION]...: an enabled factor and recovery codes, one a line, in
# recovery[USER].  Confirmed by the code of the step before, so that the codes
# of now and of the next step are both still good.
enrol() {
	local user=$1 out
	pending "$@" || return 1
	settle 2 "${period[$user]}"
	out=$(code "$user" -1 |
	    mfa confirm "${factor[$user]}" --user "$user" --json) || return 1
	recovery[$user]=$(jq -r '.recovery_codes[]?' <<<"$out")
}

# new_users NAME...: added and enrolled.
new_users() {
	local name
	add_users "$@"
	for name; do
		enrol "$name" || { not_ok "enrol $name"; done_testing; }
	done
}

# recovery_code USER N: the Nth, from 1.
recovery_code() {
	sed -n "$2p" <<<"${recovery[$1]}"
}

# status_of USER FIELD: a field of the account, as wrong_today or problem.
status_of() {
	mfa status --user "$1" --json | jq -r ".$2"
}

# conf [TEXT]: a drop-in that overrides the configuration; without TEXT, none.
conf() {
	rm -f "$MFA_ETC/conf.d/test.conf"
	[ $# = 0 ] || printf '%b\n' "$1" >"$MFA_ETC/conf.d/test.conf"
}

# ---- PAM services ----

# pam_service NAME: the service's lines from standard input.
pam_service() {
	cat >"/etc/pam.d/$1"
}

# pam_full NAME [ARGUMENT]...: password, then ours.
pam_full() {
	local name=$1
	shift
	pam_service "$name" <<-EOF_SERVICE
	auth required pam_unix.so nodelay
	auth required $MFA_MODULE $*
	account required pam_unix.so
	session required pam_permit.so
	password required pam_deny.so
	EOF_SERVICE
}

# pam_bare NAME [ARGUMENT]...: ours alone, so that its result is the stack's
# and PAM_IGNORE shows as "Permission denied", which ours never says in auth.
pam_bare() {
	local name=$1
	shift
	pam_service "$name" <<-EOF_SERVICE
	auth required $MFA_MODULE $*
	account required pam_permit.so
	session required pam_permit.so
	EOF_SERVICE
}

# pam_result SERVICE USER [ANSWER]...: one word for what pam_authenticate said
# (tests/host/pamtry.c).
pam_result() {
	local service=$1 user=$2
	shift 2
	{ [ $# = 0 ] || printf '%s\n' "$@"; } |
	    "$host_build/tests/host/pamtry" "$service" "$user" 2>/dev/null
}

# ---- ways to reach the verifier ----

listener_pid=
listener_log=/run/mfa-test/listener.log
listen() {
	local try
	mkdir -p "$MFA_RUN"
	env -i "$@" >"$listener_log" 2>&1 &
	listener_pid=$!
	for try in $(seq 100); do
		[ -S "$MFA_RUN/socket" ] && return
		kill -0 "$listener_pid" 2>/dev/null || break
		sleep 0.05
	done
	not_ok "a listener on $MFA_RUN/socket" "try $try: $* $(<"$listener_log")"
	done_testing
}

# way_start spawned|listening|activated
way_start() {
	case $1 in
	spawned) ;;
	listening) listen "$MFA_SBIN/medusa-mfad" --listen ;;
	activated)
		listen systemd-socket-activate --seqpacket \
		    -l "$MFA_RUN/socket" "$MFA_SBIN/medusa-mfad" --listen
		# systemd-socket-activate knows no SocketMode
		chmod 0666 "$MFA_RUN/socket"
		;;
	*) not_ok "no such way: $1" ;;
	esac
}

way_stop() {
	[ -z "$listener_pid" ] || {
		kill "$listener_pid"
		wait "$listener_pid"
	} 2>/dev/null
	listener_pid=
	rm -f "$MFA_RUN/socket"
}

# each_way COMMAND...: once in each way; $way says which.
each_way() {
	local way
	for way in ${MFA_WAYS:-spawned listening}; do
		way_start "$way"
		"$@"
		way_stop
	done
}

# ---- the log ----

log_from=0

# mark_log: log_lines shows what comes after this.
mark_log() {
	log_from=$(wc -l <"$test_log")
}

log_lines() {
	sleep 0.05
	tail -n "+$((log_from + 1))" "$test_log"
}

# log_wait REGEX [SECONDS]: until such a line is there; false after 5 seconds.
log_wait() {
	local end=$((EPOCHSECONDS + ${2:-5}))
	until log_lines | grep -qE -- "$1"; do
		[ "$EPOCHSECONDS" -le "$end" ] || return 1
	done
}

# no_zombies NAME: nobody left a dead child behind.
no_zombies() {
	sleep 0.05
	is "$1" "$(pgrep -a --runstates Z .)" ""
}

cat >"$marker_shell" <<'MARKER'
#!/bin/sh
echo "in:$(id -un)"
MARKER
chmod 0755 "$marker_shell"
echo "$marker_shell" >>/etc/shells
