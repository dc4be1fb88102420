#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Event programs: what they do harms nobody (R23), and one of them mails (R26).
# shellcheck disable=SC2154,SC2034

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/mail.sh
. "$host_lib/mail.sh"
# shellcheck source=../lib/events.sh
. "$host_lib/events.sh"

for tool in jq exim4 openssl; do
	command -v "$tool" >/dev/null || skip_all "no $tool"
done

# ---- programs that do harm ----

# timed COMMAND...: its milliseconds go to the variable took.
timed() {
	local began
	began=$(date +%s%N)
	"$@"
	took=$((($(date +%s%N) - began) / 1000000))
}

# A slow program is early in the folder: those that come later wait for it.
slow_program() {
	local n=$1
	program 05-slow <<<$'#!/bin/sh\nsleep 5'
	listen_anew
	timed logs_in anna "$(recovery_code anna "$n")" >/tmp/result
	is "R26 a slow event program, $way: let in" "$(</tmp/result)" success
	is "R26 a slow event program, $way: nobody waits for it ($took ms)" \
	    "$((took < 2000))" 1
	timed mfa rename --user anna tablet tablet >/dev/null
	is "R26 a slow event program, $way: no command waits ($took ms)" \
	    "$((took < 2000))" 1
	rm "$folder/05-slow"
}

# One fails and shows what it was told, one is unsafe, one hangs.
harmful_programs() {
	program 20-fail <<<$'#!/bin/sh\ncat >&2\nexit 3'
	program 30-unsafe <<<$'#!/bin/sh\ntouch '"$box/unsafe"
	chmod 0777 "$folder/30-unsafe"
	program 40-hang <<<$'#!/bin/sh\ntouch '"$box/hangs"$'\nsleep 90'
	program 90-last <<<$'#!/bin/sh\ngrep renamed >>'"$box/last"$'\nexit 0'
	mark_log
	early_in_the_minute 3
	mfa rename --user anna phone tablet >/dev/null
	for _ in $(seq 100); do
		[ -e "$box/hangs" ] && break
		sleep 0.05
	done
	# the list was read by then
	rm "$folder"/[234]0-*
	harm_from=$log_from
}

after_the_harm() {
	local line log_from=$harm_from
	log_wait '40-hang' 12
	for line in '20-fail:.x20exit.x203' '30-unsafe:.x20' '40-hang:.x20'; do
		like "R23 program.failed: $line" \
		    "$(log_lines | grep event=program.failed)" \
		    "user=anna .*reason=factor.renamed .*detail=$folder/$line"
	done
	for _ in $(seq 100); do
		[ -s "$box/last" ] && break
		sleep 0.05
	done
	is "R23 the next program still runs" \
	    "$(jq -r '.event + " " + .factor' "$box/last")" \
	    "factor.renamed tablet"
	is "R23 an unsafe one does not" "$(find "$box" -name unsafe)" ""
	rm "$folder/90-last"
	is "R23 nothing is left of the one that hung" "$(pgrep -fx 'sleep 90')" ""
}

# ---- mail ----

# mail_about USER SUBJECT: waits for a mail with it.
mail_about() {
	local try
	for try in $(seq 100); do
		grep -qsr "^Subject: $2 on sandbox" "$mail_box/$1/new" && break
		sleep 0.05
	done
	like "R26 mail to $1: $2" \
	    "$(grep -hr '^Subject: ' "$mail_box/$1/new" 2>&1)" \
	    "^Subject: $2 on sandbox"
}

mails() {
	mail_server_start
	mail_conf '[mail]\nserver = smtp://localhost:2525'
	install -m 0755 "$MFA_VENDOR/events.d/50-notify-mail" "$folder"
	new_users mia
	remember mia
	mail_about mia 'Second factor added'
	mail_about mia 'New recovery codes'
	is "a recovery code" "$(logs_in mia "$(recovery_code mia 1)")" success
	mail_about mia 'Recovery code used'
	like "R26 how many are left" "$(grep -hr left "$mail_box/mia/new")" \
	    'Recovery codes left: 9\.'
	runs "disable" mfa disable --yes --user mia totp
	mail_about mia 'Second factor removed'
	is "R26 and no other mail" "$(mail_count mia)" 4
	rm "$folder/50-notify-mail"
}

mail_secrets() {
	is "R14 no secret in a mail about an event" \
	    "$(sed -s '1,/^$/d' "$mail_box"/mia/new/* |
	        grep -F -f /tmp/patterns)" ""
}

set_up '[throttle]\nlock_seconds = 1'
new_users anna
remember anna
mfa rename --user anna totp phone
way_start listening
way=listening
harmful_programs
mails
after_the_harm
slow_program 3
way_stop
way=spawned
slow_program 4
happens challenge.verified anna
well_formed
no_secrets 40 "$box/last"
mail_secrets
no_zombies "R23 no zombies"
done_testing
