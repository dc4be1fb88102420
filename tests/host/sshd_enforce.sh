#!/bin/bash
# SPDX-License-Identifier: MIT
#
# "account required pam_medusa_mfa.so enforce" in sshd's stack: a key alone does
# not let in who needs a second factor, whatever is to be run; and with our
# lines in their stacks, but without enforce, su by root, sudo NOPASSWD and cron
# go on (R24).
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

kbd=keyboard-interactive
both=publickey,$kbd
needed='A second factor is required, a key alone is not enough: try ssh '
hint='-o PubkeyAuthentication=no'   # what that text tells to try
trouble='The second factor cannot be checked right now: tell your admin'
exempt='[mfa]\nexempt_users = vip'

# pam_lines NAME [ARGUMENT]...: password, then ours, and ours once more as an
# account line with these arguments.
pam_lines() {
	local name=$1
	shift
	pam_full "$name" retry=1
	echo "account required $MFA_MODULE $*" >>"/etc/pam.d/$name"
}

# by_key USER: without a terminal; prints what the person is told too.
by_key() {
	ssh_command publickey "$1"
	timeout 30 ssh -o LogLevel=INFO "${ssh_line[@]:1}" 2>&1 </dev/null
}

# copy_by_key PROGRAM USER: fetches a file to /tmp/got-USER.
copy_by_key() {
	local program=("$1") file=/tmp/got-$2
	[ "$1" != sftp ] || program+=(-b -)
	rm -f "$file"
	timeout 30 "${program[@]}" -q -P "$ssh_port" -F /dev/null \
	    -i /etc/ssh/test/user -o IdentitiesOnly=yes \
	    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
	    -o PreferredAuthentications=publickey -o BatchMode=yes \
	    "$2@127.0.0.1:/tmp/there" "$file" >/dev/null 2>&1 </dev/null
	cat "$file" 2>/dev/null
}

# as_told USER <SCRIPT: with the option that the refusal names.
as_told() {
	ssh_command "$both" "$1"
	read -ra hint_words <<<"$hint"
	converse -- ssh "${hint_words[@]}" "${ssh_line[@]:1}"
}

# refused NAME USER TEXT: a key alone is, with a line of text for the person.
refused() {
	local out
	out=$(by_key "$2")
	kept_out "$way: $1 is refused" "$out"
	like "$way: and told: $1" "$out" "$3"
}

records_sum() {
	sha256sum "$MFA_STATE"/records/*
}

# reasons USER: what the log says of this user, in order.
reasons() {
	log_lines | grep -F " user=$1 " | grep -oE ' reason=[a-z-]+' |
	    cut -d= -f2 | tr '\n' ' '
}

key_alone() {
	local before
	before=$(records_sum)
	mark_log
	refused "a key alone, enrolled" inge "$needed"
	is "$way: with one line in the log (R26)" "$(reasons inge)" "unverified "
	refused "a key alone with a forced command" forced "$needed"
	is "$way: sftp by key alone is refused" "$(copy_by_key sftp inge)" ""
	is "$way: scp by key alone is refused" "$(copy_by_key scp inge)" ""
	refused "root's key alone, enrolled" root "$needed"
	let_in "$way: a key alone lets in who is exempt" vip "$(by_key vip)"
	is "$way: by sftp too" "$(copy_by_key sftp vip)" "a file"
	is "$way: by scp too" "$(copy_by_key scp vip)" "a file"
	let_in "$way: a key alone lets in who need not enrol" plain \
	    "$(by_key plain)"
	is "$way: the log says why" "$(reasons plain)" "not-enrolled "
	is "$way: nothing of it touched a record or counter" \
	    "$(records_sum)" "$before"
}

with_a_code() {
	local user=$way-code key=key-$way-code out
	new_users "$user" "$key"
	out=$(two "$(code "$user")" | ssh_login "$kbd" "$user")
	let_in "$way: password and code let in" "$user" "$out"
	job wrong ssh_login "$kbd" "$user" < <(two "$(wrong_code "$user")")
	job key-wrong ssh_login "$both" "$key" \
	    < <(two "$(wrong_code "$key")")
	job vip ssh_login "$kbd" vip < <(answers 'assword: ' "$first_factor")
	out=$(two "$(code "$key")" | ssh_login "$both" "$key")
	let_in "$way: key, password and code let in" "$key" "$out"
	jobs_wait
	kept_out "$way: password and wrong code do not" "$(job_out wrong)"
	kept_out "$way: key, password and wrong code do not" \
	    "$(job_out key-wrong)"
	let_in "$way: who is exempt is not asked for a code" vip "$(job_out vip)"
	is "$way: the wrong codes are charged once" \
	    "$(status_of "$user" wrong_today),$(status_of "$key" wrong_today)" \
	    1,1
	refused "the key alone right after a login" "$user" "$needed"
	like "$way: the text says how to come in" "$(by_key "$user")" \
	    "$needed$hint\s*\$"
	out=$(two "$(code "$user" 1)" | as_told "$user")
	let_in "$way: and so it is" "$user" "$out"
}

required_of_all() {
	conf "$exempt\nrequire = all"
	refused "require = all: a key alone, not enrolled" plain "$needed"
	let_in "$way: require = all: who is exempt comes in" vip "$(by_key vip)"
	pam_lines sshd enforce nullok
	let_in "$way: require = all, nullok: who is not enrolled comes in" \
	    plain "$(by_key plain)"
	refused "require = all, nullok: a key alone, enrolled" inge "$needed"
	pam_lines sshd enforce
	conf "$exempt"
}

no_verifier() {
	conf '[mfa]\nnonsense = 1'
	refused "a broken configuration: who needs a factor" inge "$trouble"
	refused "a broken configuration: who is exempt" vip "$trouble"
	refused "a broken configuration: who need not enrol" plain "$trouble"
	conf "$exempt"
	way_stop
	mv "$MFA_SBIN/medusa-mfad" "$MFA_SBIN/away"
	refused "no verifier: who is exempt" vip "$trouble"
	refused "no verifier: who needs a factor" inge "$trouble"
	mv "$MFA_SBIN/away" "$MFA_SBIN/medusa-mfad"
	way_start "$way"
	let_in "$way: all of it mended" vip "$(by_key vip)"
	pam_lines sshd enforce nonsense
	refused "an argument that is unknown: who is exempt" vip "$trouble"
	pam_lines sshd enforce
}

everything() {
	key_alone
	with_a_code
	required_of_all
	no_verifier
	no_zombies "$way: no zombies"
}

# ---- hosts without enforce ----

root_goes_on() {
	local out
	pam_lines su
	sed -i '1i auth sufficient pam_rootok.so' /etc/pam.d/su
	pam_lines sudo
	sudo_setup 1
	echo 'inge ALL=(root) NOPASSWD: ALL' >>/etc/sudoers
	mark_log
	is "su by root to an enrolled user asks nothing" \
	    "$(timeout 20 su inge -c true 2>&1 </dev/null)" in:inge
	is "sudo NOPASSWD of an enrolled user asks nothing" \
	    "$(as inge timeout 20 sudo "$sudo_marker" 2>&1 </dev/null)" in:inge
	is "and no verifier was asked" "$(reasons inge)" ""
	pam_lines sudo enforce
	out=$(as inge timeout 20 sudo "$sudo_marker" 2>&1 </dev/null)
	kept_out "with enforce in sudo's stack it would be refused" "$out"
}

# cron_runs: whether cron runs the job that an enrolled user has for its start.
cron_runs() {
	local pid
	rm -f /run/crond.reboot /tmp/by-cron/*
	cron -f >/dev/null 2>&1 &
	pid=$!
	for _ in $(seq 100); do
		[ -e /tmp/by-cron/done ] && break
		log_lines | grep -q 'inge.*reason=\|PAM.*fail' && break
		sleep 0.05
	done
	kill "$pid"
	wait "$pid" 2>/dev/null
	cat /tmp/by-cron/done 2>/dev/null
}

own_crontab() {
	mkdir -m 1777 /tmp/by-cron
	pam_service cron <<-PAM_CRON
	auth required pam_unix.so
	auth required $MFA_MODULE
	account required $MFA_MODULE
	@include common-account
	session required pam_permit.so
	PAM_CRON
	as inge crontab - <<-'CRONTAB' || not_ok "inge's crontab"
	MAILTO=""
	@reboot id -un >/tmp/by-cron/new; mv /tmp/by-cron/new /tmp/by-cron/done
	CRONTAB
	mark_log
	is "cron runs the job of an enrolled user" "$(cron_runs)" inge
	is "and no verifier was asked for it" "$(reasons inge)" ""
	sed -i "s,^account required $MFA_MODULE,& enforce," /etc/pam.d/cron
	is "with enforce in cron's stack it would not run" "$(cron_runs)" ""
	is "which the log says" "$(reasons inge)" "unverified "
}

echo "a file" >/tmp/there
add_users plain
new_users inge vip forced
sed -i "s,^root:.*,root:x:0:0::/root:$marker_shell," /etc/passwd
enrol root || not_ok "enrol root"
conf "$exempt"
pam_lines sshd enforce
sshd_start <<'SSHD'
UsePAM yes
PasswordAuthentication yes
KbdInteractiveAuthentication yes
PubkeyAuthentication yes
Subsystem sftp internal-sftp
Match User forced
	ForceCommand true
Match User key-*
	AuthenticationMethods publickey,keyboard-interactive:pam
SSHD
each_way everything
root_goes_on
own_crontab
done_testing
