#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What medusa-mfad --check tells a person who configures programs and realms,
# and that a failing program fills no log (R23, R26, R27).
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/mail.sh
. "$host_lib/mail.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

folder=$MFA_ETC/events.d
socket=$MFA_RUN/socket
unsafe='not safe: it and the folders above it must belong to root and be writable by nobody else; a file must be a regular file with one name, symbolic links are not followed'

# check: fills said and status.
check() {
	status=0
	said=$("$MFA_SBIN/medusa-mfad" --check 2>&1) || status=$?
}

# says NAME STATUS LINE: exactly this line is there.
says() {
	check
	is "$1: status" "$status" "$2"
	is "$1" "$(grep -xF -- "$3" <<<"$said" || printf '%s' "$said")" "$3"
}

# silent NAME REGEX: status 0, and no such line.
silent() {
	check
	is "$1: status" "$status" 0
	unlike "$1" "$said" "$2"
}

# program NAME [MODE [BODY]]: an event program.
program() {
	printf '#!/bin/sh\n%s\n' "${3-exit 0}" >"$folder/$1"
	chmod "${2-0755}" "$folder/$1"
}

plain() {
	check
	is "a fresh host" "$status:$said" "0:ok: configuration
ok: account medusa-mfa
ok: libsodium
ok: OpenSSL
ok: $MFA_ETC/keys
ok: file:$MFA_STATE
ok: clock"
}

# ---- what has no effect ----

idle() {
	local note='note: otp.program is set, but no realm has otp among its providers'
	conf "[otp]\nprogram = $MFA_LIBEXEC/deliver-mail"
	says "otp.program without otp" 0 "$note"
	conf "[otp]\nprogram = $MFA_LIBEXEC/deliver-mail\n[realm shop]\naccount = shopd\nproviders = otp"
	silent "otp in another realm" '^note'
	conf '[provider key]\nprogram = /usr/bin/env\n[provider pad]\nprogram = /usr/bin/env\n[mfa]\nproviders = totp key'
	says "a provider that nobody has" 0 \
	    'note: provider pad: no realm has it among its providers'
	unlike "a provider that somebody has" "$said" 'provider key'
}

# ---- files that are not read ----

not_read() {
	local name
	conf '[totp]\n'
	printf '[mfa]\nrequire = all\n' >"$MFA_ETC/conf.d/50 policy"
	says "a drop-in without .conf" 0 "note: $MFA_ETC/conf.d/50\\x20policy: passed over: its name does not end in .conf"
	mkdir -p "$MFA_VENDOR/conf.d"
	mv "$MFA_ETC/conf.d/50 policy" "$MFA_VENDOR/conf.d/policy.Conf"
	says "a vendor's" 0 "note: $MFA_VENDOR/conf.d/policy.Conf: passed over: its name does not end in .conf"
	like "the doctor tells of it" \
	    "$(mfa doctor --json | jq -r '.[] | select(.id == "check-note").what')" \
	    'policy.Conf: passed over'
	rm "$MFA_VENDOR/conf.d/policy.Conf"
	for name in .x x.conf~ '#x.conf#' x.conf.dpkg-old x.conf.rpmsave; do
		echo junk >"$MFA_ETC/conf.d/$name"
	done
	silent "what editors and packagers leave" '^note'
	rm "$MFA_ETC/conf.d/"*x* "$MFA_ETC/conf.d/.x"
	conf
}

# A umask of 077 is all that this takes.
not_readable() {
	local file=$MFA_ETC/conf.d/test.conf why
	why="the verifier's account cannot read it, as one that listens has to: chmod 0644, or 0755 for a folder"
	conf '[totp]\n'
	chmod 0600 "$file"
	says "a drop-in that only root can read" 1 "problem: $file: $why"
	way_start listening
	mark_log
	is "a verifier that listens says which" \
	    "$(mfa users 2>&1)" "medusa-mfa: $file: $why"
	like "and so does the log" "$(log_lines)" \
	    'event=error err=config .*detail=.*test.conf.*chmod'
	way_stop
	chmod 0644 "$file"
	chmod 0700 "$MFA_ETC/conf.d"
	says "a folder that only root can read" 1 \
	    "problem: $MFA_ETC/conf.d: $why"
	chmod 0755 "$MFA_ETC/conf.d"
	silent "as they should be" '^problem'
	conf
}

# ---- users that are named ----

users_named() {
	conf '[mfa]\nexempt_users = shopd typo'
	says "an exempt user whom nobody knows is no error" 0 \
	    'note: mfa.exempt_users: no user is called typo here'
	unlike "who is known is not noted" "$said" '^note.*shopd'
	conf '[rule office]\nuser = shopd nobody-such also-not\ndecision = exempt'
	says "a rule's" 0 'note: rule office: user: no user is called nobody-such here'
	is "each of them" "$(grep -c '^note: rule office' <<<"$said")" 2
	conf '[rule staff]\ngroup = root nogroup-such 0 4294967290\ndecision = exempt'
	says "a group that is not there" 0 \
	    'note: rule staff: group: no group is called nogroup-such here: whoever it may be about is asked'
	is "each of them" "$(grep -c '^note: rule staff' <<<"$said")" 2
	unlike "the doctor, whose judge of rules has told, does not say it twice" \
	    "$(mfa doctor --json | jq -r '.[].id')" check-note
	conf '[mfa]\nexempt_users = shopd'
	silent "those who are there" '^note'
}

# ---- realms ----

realms() {
	conf '[realm shop]\naccount = nosuchacc'
	says "a realm of nobody" 1 \
	    'problem: realm shop: there is no account nosuchacc'
	conf '[realm shop]\naccount = shopd\n[realm club]\naccount = 4711'
	says "a realm of somebody" 0 'ok: realm shop: account shopd'
	says "a realm of a number" 0 'ok: realm club: account 4711'
	echo 'toor:x:0:0::/:/bin/sh' >>/etc/passwd
	conf '[realm shop]\naccount = toor'
	says "a realm of root by another name" 1 \
	    'problem: realm shop: account toor has uid 0'
	sed -i '/^toor:/d' /etc/passwd
}

# ---- programs ----

# one_program PATH: as a provider from outside that is used.
one_program() {
	conf "[mfa]\nproviders = totp key\n[provider key]\nprogram = $1"
}

one() {
	local path=/usr/local/bin/one
	one_program "$path"
	printf '#!/bin/sh\n' >"$path"
	chmod 0755 "$path"
	says "a good program" 0 "ok: $path"
	chmod 0644 "$path"
	says "one that cannot be executed" 1 "problem: $path: not executable"
	chmod 0775 "$path"
	says "one that its group may write" 1 "problem: $path: $unsafe"
	chmod 0755 "$path"
	chown shopd "$path"
	says "one of somebody's" 1 "problem: $path: $unsafe"
	rm "$path"
	ln -s /usr/bin/env "$path"
	says "a symbolic link" 1 "problem: $path: $unsafe"
	rm "$path"
	one_program "$MFA_ETC/$(printf 'x%.0s' {1..3})"
	check
	is "one that is not there" "$status" 1
	conf
}

keys_and_records() {
	chmod 0770 "$MFA_ETC/keys"
	says "a key ring that its group may write" 1 \
	    "problem: $MFA_ETC/keys: $unsafe"
	like "the manual knows the modes" "$said" \
	    "^note: $MFA_ETC/keys: .*medusa-mfad\(8\)"
	chmod 0750 "$MFA_ETC/keys"
	chmod 0755 "$MFA_STATE/records"
	says "records that all may list" 1 "problem: file:$MFA_STATE: $unsafe"
	chmod 0700 "$MFA_STATE/records"
	unlike "one text for wrong modes" "$said" 'unsafe owner'
}

passed_over() {
	mkdir -p "$folder"
	conf "[events]\ndirectory = $folder"
	program 10-good
	silent "a folder of one program" '^(note|problem)'
	like "which is named" "$said" "^ok: $folder/10-good\$"
	ln -s 10-good "$folder/60-link"
	program 20-readme 0644
	program 'a b~'
	mkdir "$folder/old"
	says "passed over: a link" 0 \
	    "note: $folder/60-link: passed over: a symbolic link"
	says "passed over: no mode" 0 \
	    "note: $folder/20-readme: passed over: not executable"
	says "passed over: a name" 0 \
	    "note: $folder/a\\x20b~: passed over: a name that is not allowed"
	says "passed over: a folder" 0 \
	    "note: $folder/old: passed over: not a regular file"
	is "and nothing else" "$(grep -c '^note' <<<"$said")" 4
	program 30-open 0777
	says "one with a wrong mode is a problem" 1 \
	    "problem: $folder/30-open: $unsafe"
	rm -r "$folder"
	mkdir "$folder"
}

# ---- mail.conf ----

mail() {
	local good="ok: $MFA_LIBEXEC/deliver-mail --check"
	local bad="$MFA_ETC/mail.conf:2:"
	conf "[mfa]\nproviders = totp otp\n[otp]\nprogram = $MFA_LIBEXEC/deliver-mail"
	says "no mail.conf" 0 "$good"
	mail_conf '[mail]\nserver = smtp://localhost:2525'
	says "a good mail.conf" 0 "$good"
	mail_conf '[mail]\nserver is here'
	check
	like "a bad mail.conf" "$status:$said" "^problem: $bad"
	is "a bad mail.conf: status" "$status" 1
	fails "deliver-mail --check says it by itself" \
	    "$MFA_LIBEXEC/deliver-mail" --check
	mail_conf '[mail]\nserver = smtp://localhost\npassword = secret\nuser = u' 0600
	chgrp root "$MFA_ETC/mail.conf"
	check
	is "one that the runner cannot read: status" "$status" 1
	like "one that the runner cannot read" "$said" \
	    "^problem: $MFA_ETC/mail.conf"
	unlike "a password is not shown" "$said" secret
	mail_conf '[mail]\nserver is here'
	conf "[events]\ndirectory = $folder"
	program 10-other
	silent "who sends no mail needs none" 'mail.conf|deliver-mail'
	install -m 0755 "$MFA_VENDOR/events.d/50-notify-mail" "$folder"
	check
	like "notify-mail needs it" "$said" "^problem: $bad"
	rm "$MFA_ETC/mail.conf"
	says "and a good one" 0 "$good"
	rm "$folder"/*
}

# ---- who listens ----

listener() {
	local note='note: a medusa-mfad listens: restart it after a change of programs'
	conf "[events]\ndirectory = $folder"
	silent "nobody listens" listens
	way_start listening
	says "somebody listens" 0 "$note"
	conf
	silent "somebody listens, no programs" listens
	kill -9 "$listener_pid"
	wait "$listener_pid" 2>/dev/null
	conf "[events]\ndirectory = $folder"
	is "a socket is left over" "$([ -S "$socket" ] && echo yes)" yes
	silent "nobody listens on it" listens
	listener_pid=
	rm -f "$socket"
}

# ---- the log ----

# early_in_the_minute SECONDS: of those that the log's limit counts.
early_in_the_minute() {
	local up
	up=$(cut -d . -f 1 /proc/uptime)
	[ $((up % 60)) -lt $((60 - $1)) ] || sleep $((60 - up % 60))
}

# Each login has a verifier of its own, and that a runner of its own.
equal_failures() {
	local n
	new_users alice
	pam_bare service retry=1
	conf "[events]\ndirectory = $folder"
	program 10-oops 0755 'echo oops; exit 3'
	early_in_the_minute 12
	mark_log
	for n in 1 2 3 4; do
		job "$n" pam_result service alice "$(wrong_code alice "$n")"
	done
	jobs_wait
	log_wait 'reason=challenge.failed .*exit.x203'
	sleep 1
	is "R26 four wrong codes" \
	    "$(log_lines | grep -c 'event=challenge.failed user=alice')" 4
	is "R26 and one line about the program, however many runners" \
	    "$(log_lines | grep -c 'reason=challenge.failed .*exit.x203')" 1
	is "R23 the table of lines is root's alone" \
	    "$(stat -c '%U %a' "$MFA_RUN/runner-limits" "$MFA_RUN")" \
	    $'root 600\nroot 755'
	mark_log
	conf
	mv "$MFA_STATE/records" "$MFA_STATE/away"
	pam_result service alice 123456 >/dev/null
	mv "$MFA_STATE/away" "$MFA_STATE/records"
	like "R26 the verifier's own lines have another table" \
	    "$(log_lines)" 'event=error '
}

add_users shopd
plain
idle
not_read
not_readable
users_named
realms
one
keys_and_records
passed_over
mail
listener
equal_failures
done_testing
