# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: MIT
#
# The real hosts, each on a terminal of its own (converse).  All print what the
# person saw; a login that was let in prints "in:NAME".  The script comes on
# standard input, as answers makes it.
#
# Sourced after host.sh.

code_prompt='Verification code: '

# answers [PROMPT ANSWER]...: a script for converse.
answers() {
	while [ $# -gt 1 ]; do
		printf '? %s\n! %s\n' "$1" "$2"
		shift 2
	done
}

# two CODE: password and code.
two() {
	answers 'assword.*: ' "$first_factor" "$code_prompt" "$1"
}

converse() {
	"${BASH_SOURCE[0]%/*}/converse" "$@"
}

# as USER COMMAND...: with that user's ids and nothing of PAM.
as() {
	local user=$1
	shift
	setpriv --reuid="$user" --regid="$user" --init-groups -- "$@"
}

# su_login CALLER TARGET <SCRIPT
su_login() {
	converse -- setpriv --reuid="$1" --regid="$1" --init-groups -- \
	    su "$2" -c true
}

# login_login USER <SCRIPT: where login would ask for another name, it is ended.
login_login() {
	{
		cat
		printf '%s\n' '? Login incorrect' '? login: ' "\$ kill \$PID"
	} | converse -- login "$1"
}

# sudo_login USER [SUDO-OPTION]... <SCRIPT
sudo_login() {
	local user=$1
	shift
	converse -- setpriv --reuid="$user" --regid="$user" --init-groups -- \
	    sudo "$@" "$sudo_marker"
}

sudo_marker=/usr/local/bin/sudo-marker

# sudo_setup TRIES
sudo_setup() {
	cat >"$sudo_marker" <<-'MARKER'
	#!/bin/sh
	echo "in:$SUDO_USER"
	MARKER
	chmod 0755 "$sudo_marker"
	cat >/etc/sudoers <<-SUDOERS
	Defaults timestamp_timeout=0, passwd_tries=$1, lecture=never, !fqdn
	root ALL=(ALL:ALL) ALL
	ALL ALL=(root) ALL
	SUDOERS
	chmod 0440 /etc/sudoers
	rm -rf /etc/sudoers.d
}

ssh_port=2022

# sshd_keys: for the server, and one for all users.
sshd_keys() {
	mkdir -p /etc/ssh/test
	ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/test/host
	ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/test/user
}

# sshd_start: with more lines of sshd_config from standard input.
sshd_start() {
	local try
	[ -e /etc/ssh/test/host ] || sshd_keys
	mkdir -p /run/sshd
	{
		cat <<-SSHD
		Port $ssh_port
		ListenAddress 127.0.0.1
		HostKey /etc/ssh/test/host
		PidFile /run/sshd.pid
		AuthorizedKeysFile /etc/ssh/test/user.pub
		MaxStartups 100
		LoginGraceTime 60
		SSHD
		cat
	} >/etc/ssh/test/sshd_config
	"$(command -v sshd)" -f /etc/ssh/test/sshd_config -E /var/log/sshd.log
	for try in $(seq 50); do
		(: <>"/dev/tcp/127.0.0.1/$ssh_port") 2>/dev/null && return
		sleep 0.05
	done
	not_ok "sshd listens" "try $try: $(</var/log/sshd.log)"
	done_testing
}

sshd_stop() {
	kill "$(</run/sshd.pid)"
	while [ -e /run/sshd.pid ]; do sleep 0.02; done
}

ssh_at=127.0.0.1

# ssh_command METHODS USER: fills the array ssh_line.
ssh_command() {
	ssh_line=(ssh -F /dev/null -p "$ssh_port" -i /etc/ssh/test/user
	    -o IdentitiesOnly=yes -o StrictHostKeyChecking=no
	    -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR
	    -o NumberOfPasswordPrompts=1 -o "PreferredAuthentications=$1"
	    "$2@$ssh_at" true)
}

# ssh_login METHODS USER <SCRIPT
ssh_login() {
	ssh_command "$1" "$2"
	converse -- "${ssh_line[@]}"
}

# ---- many at a time ----
#
# libpam pauses for one to three seconds after a refusal: tests let refusals
# wait side by side.

jobs_folder=/tmp/jobs
job_pids=()

# job NAME COMMAND...: in the background; it inherits standard input.
job() {
	local name=$1
	shift
	mkdir -p "$jobs_folder"
	"$@" >"$jobs_folder/$name" 2>&1 <&0 &
	job_pids+=($!)
}

jobs_wait() {
	wait "${job_pids[@]}"
	job_pids=()
}

# job_out NAME: what it printed.
job_out() {
	cat "$jobs_folder/$1"
}

# ---- cases that every host has ----

let_in_mark='in:[a-z]'

# let_in NAME USER TRANSCRIPT
let_in() {
	like "$1" "$3" "in:$2\$"
}

# kept_out NAME TRANSCRIPT
kept_out() {
	unlike "$1" "$2" "$let_in_mark"
}

# verifiers_gone NAME: but for the listener, no verifier is left.
verifiers_gone() {
	local try most=0
	[ -z "$listener_pid" ] || most=1
	for try in $(seq 60); do
		if [ "$(pgrep -xc medusa-mfad)" -le "$most" ]; then
			ok "$1"
			return
		fi
		sleep 0.05
	done
	not_ok "$1" "after $try looks: $(pgrep -xa medusa-mfad)"
}

# records_readable NAME USER...
records_readable() {
	local name=$1 user bad=
	shift
	for user; do
		[ "$(status_of "$user" problem)" = "" ] || bad+=" $user"
	done
	is "$name" "$bad" ""
}

# usual_cases ENTER...: ENTER USER lets a user in as the script says.  The PAM
# service has retry=1.
usual_cases() {
	local user=$way-$1 right spare
	user=${user//_/-}
	new_users "$user"
	right=$(code "$user")
	spare=$(recovery_code "$user" 1)
	let_in "$way: the right code lets in" "$user" \
	    "$(two "$right" | "$@" "$user")"
	let_in "$way: a recovery code lets in" "$user" \
	    "$(two "$spare" | "$@" "$user")"
	job wrong "$@" "$user" < <(two "$(wrong_code "$user")")
	job replay "$@" "$user" < <(two "$right")
	job recovery "$@" "$user" < <(two "$spare")
	job password "$@" "$user" < <(answers 'assword.*: ' wrong \
	    "$code_prompt" "$(recovery_code "$user" 2)")
	jobs_wait
	kept_out "$way: a wrong code is refused" "$(job_out wrong)"
	kept_out "$way: the same code again is refused (R6)" "$(job_out replay)"
	kept_out "$way: the same recovery code again is refused (R6)" \
	    "$(job_out recovery)"
	kept_out "$way: a wrong password is refused, code or not" \
	    "$(job_out password)"
	is "$way: one wrong code is counted" "$(status_of "$user" wrong_today)" 1
	is "$way: two recovery codes are gone" \
	    "$(status_of "$user" recovery_left)" 8
	let_in "$way: the next code lets in" "$user" \
	    "$(two "$(code "$user" 1)" | "$@" "$user")"
	is "$way: the record is readable" "$(status_of "$user" problem)" ""
}

# closed_descriptors HOST BEARS WITHOUT...: each of the eight ways to lack 0, 1
# and 2, as sums of 1, 2 and 4; in those of BEARS the host still takes a code.
# WITHOUT USER REDIRECTIONS runs it and prints its status, which may be the fault
# of its own output: so the recovery codes are counted.
closed_descriptors() {
	local host=$1 bears=$2 user users=() mask shut before
	shift 2
	for mask in 0 1 2 3 4 5 6 7; do
		users+=("$way-fds$mask")
	done
	new_users "${users[@]}"
	before=$(find "$MFA_STATE" -type f | sort)
	for mask in 0 1 2 3 4 5 6 7; do
		shut=""
		[ $((mask & 1)) = 0 ] || shut+=' <&-'
		[ $((mask & 2)) = 0 ] || shut+=' >&-'
		[ $((mask & 4)) = 0 ] || shut+=' 2>&-'
		user=$way-fds$mask
		job "$user" "$@" "$user" "$shut" <<<"$(recovery_code "$user" 1)"
	done
	jobs_wait
	is "$way: $host with all descriptors" "$(job_out "$way-fds0")" 0
	for mask in 0 1 2 3 4 5 6 7; do
		user=$way-fds$mask
		if [[ " $bears " = *" $mask "* ]]; then
			is "$way: $host lacking descriptors ($mask) takes a code" \
			    "$(status_of "$user" recovery_left)" 9
			continue
		fi
		like "$way: $host lacking descriptors ($mask) is refused" \
		    "$(job_out "$user")" '^[1-9]$'
		is "$way: and takes none" \
		    "$(status_of "$user" recovery_left)" 10
	done
	records_readable "$way: records are readable after" "${users[@]}"
	is "$way: no file came or went" \
	    "$(find "$MFA_STATE" -type f | sort)" "$before"
}
