#!/bin/bash
# SPDX-License-Identifier: MIT
#
# su by an ordinary user, who owns the process's limits, descriptors and
# environment, and may kill it (R6, R7, R20, R24).

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

caller=caller

as_caller() {
	su_login "$caller" "$1"
}

# piped TARGET CODE [COMMAND]...: su below COMMAND, the answer by a pipe.
piped() {
	local target=$1 answer=$2
	shift 2
	printf '%s\n' "$answer" | timeout 20 env "$@" setpriv \
	    --reuid="$caller" --regid="$caller" --init-groups -- \
	    su "$target" -c true 2>&1
}

# again USER CODE: the same login without su's pause after a refusal.
again() {
	pam_result su "$1" "$2"
}

# compared USER: how many wrong codes were compared, as the log has it.
compared() {
	log_lines | grep "user=$1 " | grep -c 'reason=wrong'
}

# Denied, or compared and charged.
file_size_limits() {
	local limit user right used
	local -A good
	mark_log
	for limit in 0 100 4095; do
		user=$way-fsize$limit
		new_users "$user"
		job "$user-wrong" piped "$user" "$(wrong_code "$user")" \
		    prlimit "--fsize=$limit:$limit"
	done
	jobs_wait
	for limit in 0 100 4095; do
		user=$way-fsize$limit
		good[$user]=$(code "$user" 1)
		job "$user-right" piped "$user" "${good[$user]}" \
		    prlimit "--fsize=$limit:$limit"
	done
	jobs_wait
	for limit in 0 100 4095; do
		user=$way-fsize$limit
		kept_out "$way: fsize $limit: a wrong code is refused" \
		    "$(job_out "$user-wrong")"
		is "$way: fsize $limit: compared means charged (R7)" \
		    "$(compared "$user")" "$(status_of "$user" wrong_today)"
		is "$way: fsize $limit: readable after" \
		    "$(status_of "$user" problem)" ""
		right=$(again "$user" "${good[$user]}")
		# su may fall over its limit after it was told yes.
		used=$(log_lines |
		    grep -c "event=challenge.verified user=$user ")
		[ "$right" != success ] || used=$((used - 1))
		if job_out "$user-right" | grep -q "$let_in_mark" ||
		    [ "$used" -gt 0 ]; then
			is "$way: fsize $limit: let in, so the code is used" \
			    "$right" auth_err
		else
			is "$way: fsize $limit: denied, the code still good" \
			    "$right" success
		fi
	done
}

# without USER REDIRECTIONS: su lacking some of its descriptors.
without() {
	timeout 20 setpriv --reuid="$caller" --regid="$caller" --init-groups \
	    -- bash -c "exec su $1 -c true $2" >/dev/null 2>&1
	echo "$?"
}

# In a shell of the caller's: odd umask, folder and environment.
# shellcheck disable=SC2016
strange_shell() {
	as "$caller" bash -c '
	    export LISTEN_FDS=1 LC_ALL=xx TZ=:/etc/shadow
	    export OPENSSL_CONF=/tmp/evil.cnf BIG=$(printf %0100000d 1)
	    umask 777; cd /proc/self
	    exec su "$1" -c true' - "$1" 2>&1
}

hostile_environment() {
	local user=$way-env
	new_users "$user"
	job "$user" piped "$user" "$(wrong_code "$user")" -i \
	    PATH=/usr/bin LD_PRELOAD=/tmp/evil.so LD_LIBRARY_PATH=/tmp \
	    LC_ALL=xx_YY.utf8 TZ=/tmp/evil OPENSSL_CONF=/tmp/evil.cnf \
	    OPENSSL_MODULES=/tmp MALLOC_PERTURB_=7 MALLOC_CHECK_=3 \
	    LISTEN_FDS=1 LISTEN_PID=1 CREDENTIALS_DIRECTORY=/tmp \
	    NOTIFY_SOCKET=/tmp/evil TMPDIR=/tmp GCONV_PATH=/tmp
	jobs_wait
	kept_out "$way: a hostile environment: wrong is refused" \
	    "$(job_out "$user")"
	is "$way: a hostile environment: and counted" \
	    "$(status_of "$user" wrong_today)" 1
	let_in "$way: a hostile environment: right lets in" "$user" \
	    "$(strange_shell "$user" <<<"$(code "$user")")"
	is "$way: a hostile environment: the record is readable" \
	    "$(status_of "$user" problem)" ""
}

# Thirty logins, and SIGKILL to their su or verifier at random moments of their
# life.  A code is accepted once at most, whoever was killed when.
killed() {
	local victim=$1 n user admitted first=0 twice=0 users=() striker life=12
	local -A good
	# with a warm listener all is over sooner
	[ -z "$listener_pid" ] || life=3
	for n in $(seq 30); do
		users+=("$way-$victim-$n")
	done
	new_users "${users[@]}"
	"$host_lib/strike" "$victim" "$life" "${listener_pid:-1}" >/tmp/kills &
	striker=$!
	sleep 0.2
	for user in "${users[@]}"; do
		good[$user]=$(code "$user" 1)
		job "$user" piped "$user" "${good[$user]}"
		sleep 0.01
	done
	jobs_wait
	kill "$striker"
	wait "$striker"
	for user in "${users[@]}"; do
		admitted=0
		job_out "$user" | grep -q "$let_in_mark" && admitted=1
		first=$((first + admitted))
		for n in 1 2; do
			[ "$(again "$user" "${good[$user]}")" = success ] &&
			    admitted=$((admitted + 1))
		done
		[ "$admitted" -le 1 ] || twice=$((twice + 1))
	done
	diag "$victim: $(</tmp/kills) killed in 30 logins, $first were let in"
	is "$way: $victim killed at random: no code was good twice (R7)" \
	    "$twice" 0
	records_readable "$way: $victim killed at random: records are readable" \
	    "${users[@]}"
	verifiers_gone "$way: $victim killed at random: no verifier is left"
	like "$way: $victim was killed" "$(</tmp/kills)" '[1-9]'
}

# Debian's stack: nothing after pam_rootok is called for root.
by_root() {
	local user=$way-by-root
	new_users "$user"
	{
		echo "auth sufficient pam_rootok.so"
		cat /etc/pam.d/su
		echo "account required $MFA_MODULE"
	} >/etc/pam.d/su.new
	mv /etc/pam.d/su.new /etc/pam.d/su
	mark_log
	is "$way: su by root asks nothing" \
	    "$(timeout 20 su "$user" -c true 2>&1 </dev/null)" "in:$user"
	is "$way: su by root asks no verifier" \
	    "$(log_lines | grep -c "event=.*user=$user ")" 0
	let_in "$way: su by others still asks" "$user" \
	    "$(two "$(code "$user")" | as_caller "$user")"
}

everything() {
	pam_full su retry=1
	usual_cases as_caller
	by_root
	pam_bare su retry=1
	file_size_limits
	closed_descriptors su '0 2 4 6' without
	hostile_environment
	killed su
	killed medusa-mfad
	no_zombies "$way: no zombies"
}

add_users "$caller"
each_way everything
done_testing
