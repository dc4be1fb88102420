#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Codes that are sent: how often one is, how long and for whom it is good (R7,
# R12, R26), and that nobody sees by it who has what (R5).

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

for tool in sshd jq; do
	command -v "$tool" >/dev/null || skip_all "no $tool"
done

# ---- limits of one code ----

# other_than CODE N
other_than() {
	printf '%08d' $(((10#$1 + $2) % 100000000))
}

# Three comparisons.
worn_out() {
	local user=$way-worn right
	people posted '' "$user"
	ask_for once "$user"
	right=$(posted "$user")
	is "$way: R12 two wrong, then right" "$(pam_result once "$user" \
	    "$(other_than "$right" 1)" "$(other_than "$right" 2)" "$right")" \
	    success
	ask_for once "$user"
	right=$(posted "$user")
	is "$way: R12 three wrong" "$(pam_result once "$user" \
	    "$(other_than "$right" 1)" "$(other_than "$right" 2)" \
	    "$(other_than "$right" 3)")" auth_err
	is "$way: R12 void the code" "$(pam_result once "$user" "$right")" \
	    auth_err
	is "$way: R7 each comparison was counted" \
	    "$(status_of "$user" wrong_today)" 5
}

resend() {
	local user=$way-again right
	people posted '' "$user"
	ask_for once "$user"
	right=$(posted "$user")
	mark_log
	ask_for once "$user"
	is "$way: R12 another one within 30 s: none goes out" \
	    "$(posts "$user")" 0
	runs "$way: R26 and the log says why" log_wait \
	    "event=otp.undelivered user=$user .*err=too_soon"
	is "$way: R12 the first one is still good" \
	    "$(pam_result once "$user" "$right")" success
}

# The default of ten in a day, the one that confirmed among them.
sends_of_a_day() {
	local user=$way-often n good=0
	people posted '' "$user"
	for n in 2 3 4 5 6 7 8 9 10; do
		[ "$(sent_result once "$user")" = success ] && good=$n
	done
	is "$way: R12 ten codes in a day" "$good" 10
	mark_log
	is "$way: R12 the next login goes on" \
	    "$(pam_result once "$user" send "$(code "$user")")" success
	is "$way: R12 but no eleventh goes out" "$(posts "$user")" 0
	runs "$way: R26 the log says why" log_wait \
	    "event=otp.undelivered user=$user .*err=locked"
}

# Who claims to be that service without being root is another caller.
peer_class() {
	local user=$way-peer right
	people posted '' "$user"
	ask_for once "$user"
	right=$(posted "$user")
	is "$way: R12 a code for root's programs is not for others" \
	    "$(as_self once "$user" "$right")" auth_err
	mark_log
	as_self once "$user" send >/dev/null
	is "$way: R12 nor do others have it replaced" "$(posts "$user")" 0
	runs "$way: R26 the log says why" log_wait \
	    "event=otp.undelivered user=$user .*err=too_soon"
	is "$way: R12 it is still good for root's" \
	    "$(pam_result once "$user" "$right")" success
	as_self once "$user" send >/dev/null
	right=$(posted "$user")
	is "$way: R12 a code for others is not for root's" \
	    "$(pam_result once "$user" "$right")" auth_err
	is "$way: R12 and keeps nobody of root's waiting" \
	    "$(sent_result once "$user")" success
}

# ---- what all see ----

# Nobody can tell by it who has what.
same_for_all() {
	local user name=$way-alice plain=$way-bob none=$way-carol wanted round
	local rounds=('send|12345678|send' '12345678|SEND|123456'
	    ' send otp|send nowhere|87654321' 'send|hello|send' 'send||send'
	    'send|send|send|send|send' '12345678|12345678|12345678|1')
	people posted '' "$name" "$way-locked"
	new_users "$plain"
	add_users "$none"
	conf_otp "$program" 'require = all'
	for round in 1 2 3 4 5 6; do
		pam_result often "$way-locked" "$(wrong_code "$way-locked" \
		    "$round")" >/dev/null
	done
	for round in "${rounds[@]}"; do
		IFS='|' read -ra typed <<<"$round"
		wanted=$(seen often "$name" "${typed[@]}")
		for user in "$plain" "$none" "$way-locked" nobody-here; do
			is "$way: R5 $user sees what $name does: $round" \
			    "$(seen often "$user" "${typed[@]}")" "$wanted"
		done
	done
	like "$way: R12 the prompt" "$wanted" "^$code_prompt\$"
	is "$way: R12 who has no address is sent nothing" \
	    "$(posts "$plain"),$(posts "$none")" 0,0
	for user in "$name" "$plain" "$none"; do
		job "seen-$user" ki "$user" < <(answers \
		    'assword.*: ' "$first_factor" "$code_prompt" send \
		    "$code_prompt" 00000001)
	done
	jobs_wait
	wanted=$(job_out "seen-$name" | sed "s/$name/USER/g")
	like "$way: R12 sshd: the note" "$wanted" "$on_its_way"
	for user in "$plain" "$none"; do
		is "$way: R5 sshd: $user sees what $name does" \
		    "$(job_out "seen-$user" | sed "s/$user/USER/g")" "$wanted"
	done
	conf_otp "$program"
}

# sshd answers for users that it does not know, and never asks them twice: so
# the password comes first, and who does not know it is asked for no code.
unknown_to_sshd() {
	local name=$way-alice user
	pam_service sshd <<-EOF_SERVICE
	auth requisite pam_unix.so nodelay
	auth required $MFA_MODULE
	account required pam_unix.so
	EOF_SERVICE
	for user in "$name" nobody-here; do
		job "seen-$user" ki "$user" < <(answers 'assword.*: ' wrong)
	done
	jobs_wait
	is "$way: R5 sshd: an unknown user sees what a wrong password does" \
	    "$(job_out seen-nobody-here | sed 's/nobody-here/USER/g')" \
	    "$(job_out "seen-$name" | sed "s/$name/USER/g")"
	pam_full sshd retry=2
}

# ---- time ----

# Asked for at the beginning, used at the end.
early() {
	people posted '' late twice
	conf_otp "$program" '' 'ttl = 30'
	ask_for once late
	conf_otp "$program"
	ask_for once twice
	late_code=$(posted late)
	twice_code=$(posted twice)
	early_time=$EPOCHSECONDS
}

late() {
	local left=$((early_time + 31 - EPOCHSECONDS)) right
	[ "$left" -le 0 ] || sleep "$left"
	mark_log
	is "R12 a code is over after its ttl" \
	    "$(pam_result once late "$late_code")" auth_err
	like "R26 which is no wrong code" "$(log_lines)" \
	    'user=late .*reason=no-code'
	ask_for once twice
	right=$(posted twice)
	like "R12 after 30 s another one goes out" "$right" '^[0-9]{8}$'
	is "R12 which ends the first one" \
	    "$(pam_result once twice "$twice_code")" auth_err
	is "R12 and is good" "$(pam_result once twice "$right")" success
}

# ---- all ----

everything() {
	pam_bare often retry=10
	pam_full sshd retry=2
	worn_out
	resend
	sends_of_a_day
	[ "$way" = spawned ] || peer_class
	same_for_all
	unknown_to_sshd
}

delivery_set_up
ssh_by_keyboard
early
delivery_ways everything
late
codes_unlogged "$post/all"
no_zombies "no zombies"
done_testing
