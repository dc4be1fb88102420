#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Kinds of login through sshd that sshd.sh has not: files, keys alone, people
# whom sshd itself refuses, its limits on tries and time (R8, R24, R26).
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

kbd=keyboard-interactive
root_port=2023
late_port=2024

# ki_login USER <SCRIPT: as many prompts as sshd allows.
ki_login() {
	ssh_command "$kbd" "$1"
	converse -- ssh -o NumberOfPasswordPrompts=6 "${ssh_line[@]:1}"
}

# port_login PORT USER <SCRIPT: at another sshd.
port_login() {
	local ssh_port=$1
	ki_login "$2"
}

# other_sshd PORT OPTION: one more, with this option first.
other_sshd() {
	local log=/var/log/sshd-$1.log
	"$(command -v sshd)" -f /etc/ssh/test/sshd_config -p "$1" -o "$2" \
	    -o "PidFile=/run/sshd-$1.pid" -E "$log"
	for _ in $(seq 50); do
		(: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
		sleep 0.05
	done
	not_ok "an sshd on port $1" "$(<"$log")"
}

record_of() {
	echo "$MFA_STATE/records/u-$1"
}

record_sum() {
	sha256sum <"$(record_of "$1")"
}

# outcomes USER: what the log says became of the logins, in order.
outcomes() {
	log_lines | grep -F " user=$1 " | grep -oE ' reason=[a-z-]+' |
	    cut -d= -f2 | tr '\n' ' '
}

# ---- files ----

# copying PROGRAM... <SCRIPT: one of OpenSSH's, by keyboard-interactive.
copying() {
	local program=$1
	shift
	converse -- "$program" -P "$ssh_port" -F /dev/null \
	    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
	    -o LogLevel=ERROR -o "PreferredAuthentications=$kbd" \
	    -o NumberOfPasswordPrompts=1 "$@"
}

files_begin() {
	local n
	echo "a file" >/tmp/there
	for n in 1 2 3; do
		good[file$n]=$(recovery_code copier "$n")
	done
	job sftp copying sftp copier@127.0.0.1 < <(
		answers "$code_prompt" "${good[file1]}" \
		    'sftp> ' 'get /tmp/there /tmp/by-sftp' 'sftp> ' bye)
	job scp copying scp /tmp/there copier@127.0.0.1:/tmp/by-scp \
	    < <(answers "$code_prompt" "${good[file2]}")
	job scp-old copying scp -O /tmp/there copier@127.0.0.1:/tmp/by-old-scp \
	    < <(answers "$code_prompt" "${good[file3]}")
	job scp-none copying scp /tmp/there copier@127.0.0.1:/tmp/by-nobody \
	    < <(answers "$code_prompt" '')
}

files_end() {
	local how
	for how in sftp scp old-scp; do
		is "$how asks for a code and copies (R24)" \
		    "$(cat "/tmp/by-$how")" "a file"
	done
	fails "without a code none does" test -e /tmp/by-nobody
	is "three recovery codes are used" "$(status_of copier recovery_left)" 7
}

# ---- whom sshd refuses, whatever they type ----

refused_begin() {
	local user n
	for user in denied root; do
		good[$user]=$(code "$user" 1)
		sum[$user]=$(record_sum "$user")
		job "$user-code" ssh_login "$kbd" "$user" \
		    < <(answers "$code_prompt" "${good[$user]}")
		job "$user-recovery" ssh_login "$kbd" "$user" \
		    < <(answers "$code_prompt" "$(recovery_code "$user" 1)")
		job "$user-short" ssh_login "$kbd" "$user" \
		    < <(answers "$code_prompt" 12)
	done
	# no user of this host; one of a name that only sshd knows
	for n in 1 2; do
		job "unknown-$n" ssh_login "$kbd" "nobody-$n" \
		    < <(answers "$code_prompt" 123456)
	done
	job root-key ssh_login publickey root </dev/null
}

# refused_end USER WHY
refused_end() {
	local user=$1 kind status
	for kind in code recovery short; do
		kept_out "$2 is refused ($kind)" "$(job_out "$user-$kind")"
		is "$2: one prompt, not three (R25, $kind)" \
		    "$(grep -c "$code_prompt" <<<"$(job_out "$user-$kind")")" 1
	done
	status=$(mfa status --user "$user" --json |
	    jq -c '[.wrong_today, .wrong_month, .recovery_compared,
	        .recovery_left, .locked_seconds]')
	is "$2: neither compared nor charged (R8)" "$status" '[0,0,0,10,0]'
	is "$2: the record is not even written" "$(record_sum "$user")" \
	    "${sum[$user]}"
	like "$2: the log says what came (R26)" "$(outcomes "$user")" \
	    '^junk junk junk $'
}

# The codes were right all the time.
refused_were_right() {
	is "the refused code is still good" \
	    "$(pam_result sshd denied "${good[denied]}")" success
	let_in "PermitRootLogin yes: root's code lets in" root \
	    "$(answers "$code_prompt" "${good[root]}" |
	        port_login "$root_port" root)"
}

unknown_end() {
	kept_out "an unknown user is refused" "$(job_out unknown-1)"
	is "and leaves no record" \
	    "$(find "$MFA_STATE/records" -name '*nobody*' | wc -l)" 0
}

# ---- a key alone ----

# What "enforce" is for (sshd_enforce.sh): PAM's auth lines are not run.
key_alone() {
	local before out
	before=$(record_sum keyed)
	mark_log
	out=$(ssh_login publickey keyed </dev/null)
	let_in "without enforce a key alone lets in" keyed "$out"
	is "and the verifier was not asked" \
	    "$(outcomes keyed),$(record_sum keyed)" ",$before"
}

# ---- MaxAuthTries 2: two conversations, whatever they ask ----

tries_begin() {
	local n script=()
	for n in 0 1 2 3 4 5; do
		script+=("$code_prompt" "$(wrong_code tries-out "$n")")
	done
	job tries-out ki_login tries-out < <(answers "${script[@]}")
	script=()
	for n in 0 1 2 3; do
		script+=("$code_prompt" "$(wrong_code tries-in "$n")")
	done
	job tries-in ki_login tries-in \
	    < <(answers "${script[@]}" "$code_prompt" "$(code tries-in)")
}

tries_end() {
	local out
	out=$(job_out tries-out)
	kept_out "six wrong codes are refused" "$out"
	is "in two conversations of retry=3" "$(grep -c "$code_prompt" <<<"$out")" 6
	like "that MaxAuthTries 2 counts as two" "$out$(</var/log/sshd.log)" \
	    'Too many authentication failures'
	is "five of them were compared (R7)" "$(status_of tries-out wrong_today)" 5
	let_in "three wrong, then wrong and right in the second" tries-in \
	    "$(job_out tries-in)"
	is "four wrong are counted" "$(status_of tries-in wrong_today)" 4
}

# ---- ended at the prompt ----

# LoginGraceTime passes at our prompt: sshd kills its own child there.  ssh notices
# when something is typed.
late_begin() {
	local user=late-$way
	sum[$user]=$(record_sum "$user")
	rm -f "/tmp/go-on-$way" "/tmp/unlocked-$way"
	job "$user" port_login "$late_port" "$user" < <(
		printf '? %s\n' "$code_prompt"
		printf '$ flock -n %s touch %s\n' "$(record_of "$user")" \
		    "/tmp/unlocked-$way"
		printf '$ timeout 10 sh -c %s\n! 123456\n' \
		    "'until [ -e /tmp/go-on-$way ]; do sleep 0.05; done'")
}

late_end() {
	local user=late-$way
	runs "$way: LoginGraceTime ends a login at the prompt" \
	    log_wait " user=$user .*reason="
	: >"/tmp/go-on-$way"
	jobs_wait
	kept_out "$way: and what comes later is not heard" "$(job_out "$user")"
	runs "$way: no lock was held at the prompt" test -e "/tmp/unlocked-$way"
	is "$way: one line says so (R26)" "$(outcomes "$user")" 'no-answer '
	verifiers_gone "$way: no verifier is left"
	is "$way: the record is untouched" "$(record_sum "$user")" "${sum[$user]}"
	let_in "$way: the next login works" "$user" \
	    "$(answers "$code_prompt" "$(code "$user")" | ki_login "$user")"
}

# ^C at the second prompt: what was compared stays charged.
left_begin() {
	local user=left-$way
	job "$user" ki_login "$user" < <(
		answers "$code_prompt" "$(wrong_code "$user")"
		printf '? Wrong code\n~ \\x03\n')
}

left_end() {
	local user=left-$way
	runs "$way: ^C at the second prompt ends the login" \
	    log_wait " user=$user .*reason=no-answer"
	is "$way: with a line for each" "$(outcomes "$user")" 'wrong no-answer '
	is "$way: one wrong code is charged" "$(status_of "$user" wrong_today)" 1
	let_in "$way: the next login works after it" "$user" \
	    "$(answers "$code_prompt" "$(code "$user")" | ki_login "$user")"
}

ended_at_the_prompt() {
	late_begin
	left_begin
	late_end
	left_end
	no_zombies "$way: no zombies"
}

declare -A good sum
pam_bare sshd
sed -i "s,^root:.*,root:x:0:0::/root:$marker_shell," /etc/passwd
new_users copier denied keyed tries-in tries-out \
    late-spawned late-listening left-spawned left-listening
sed -i '/^copier:/s,:[^:]*$,:/bin/sh,' /etc/passwd
enrol root || not_ok "enrol root"
sshd_start <<'SSHD'
UsePAM yes
PasswordAuthentication yes
KbdInteractiveAuthentication yes
PubkeyAuthentication yes
Subsystem sftp internal-sftp
DenyUsers denied
MaxAuthTries 2
SSHD
other_sshd "$root_port" PermitRootLogin=yes
other_sshd "$late_port" LoginGraceTime=3
mark_log
files_begin
refused_begin
tries_begin
jobs_wait
files_end
refused_end root "root, whom sshd does not let in by password"
refused_end denied "a user whom sshd denies"
refused_were_right
unknown_end
tries_end
let_in "root's key lets in" root "$(job_out root-key)"
key_alone
mark_log
each_way ended_at_the_prompt
done_testing
