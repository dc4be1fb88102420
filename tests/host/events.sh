#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every event once: as a line of the log, as JSON for event programs, and in
# the manual (R26); what event programs do harms nobody (R23).
# shellcheck disable=SC2154,SC2034

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/mail.sh
. "$host_lib/mail.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../lib/clock.sh
. "$host_lib/clock.sh"

for tool in cc pkg-config jq exim4 openssl curl; do
	command -v "$tool" >/dev/null || skip_all "no $tool"
done

folder=$MFA_ETC/events.d
box=/run/mfa-test/box          # the runner may write here
heard=$box/heard               # what the event program was told
hear_from=0                    # lines of it that are not looked at any more
ttl=30                         # of a challenge, the least that is allowed
options="[mfa]\nproviders = totp otp recovery_code\nexempt_users = eve
challenge_ttl_seconds = $ttl
[otp]\nprogram = /usr/local/bin/deliver
[throttle]\nlock_seconds = 1
[realm shop]\naccount = shopd
[events]\ndirectory = $folder"
secrets=/run/mfa-test/secrets  # all that must be nowhere

# program NAME <SCRIPT: an event program.
program() {
	cat >"$folder/$1"
	chmod 0755 "$folder/$1"
}

# secret_is TEXT...: may be neither in the log nor in what programs are told.
secret_is() {
	printf '%s\n' "$@" >>"$secrets"
}

# logs_in USER ANSWER...: the result of one login.
logs_in() {
	local user=$1
	shift
	secret_is "$@"
	pam_result service "$user" "$@"
}

try() {
	timeout 60 sdktry "$@" 2>&1
}

# ---- what came ----

# listen_anew: told looks at what comes after this.
listen_anew() {
	hear_from=$(wc -l <"$heard")
}

# told EVENT USER [FILTER]: waits for it and prints it.
told() {
	local try out
	for try in $(seq 160); do
		out=$(tail -n "+$((hear_from + 1))" "$heard" |
		    jq -c --arg event "$1" --arg user "$2" "select(
		        .event == \$event and (.user // \"\") == \$user and
		        (${3:-true}))" | head -n 1)
		if [ -n "$out" ]; then
			printf '%s\n' "$out"
			return
		fi
		sleep 0.05
	done
	return 1
}

# logged EVENT USER [REGEX]: its line.
logged() {
	grep -E "event=$1 ${2:+user=$2 }.*${3-}" "$test_log" | head -n 1
}

# happens EVENT USER [FILTER [REGEX]]: in the log, and told.
happens() {
	local what="$1 of ${2:-the host}" line out
	[ -z "${4-}" ] || what+=" ($4)"
	if out=$(told "$1" "$2" "${3-}"); then
		ok "R26 $what: told as JSON"
	else
		not_ok "R26 $what: told as JSON" "$(tail -n 5 "$heard")"
	fi
	like "R26 $what: in the log" "$(logged "$1" "$2" "${4-}")" \
	    "^authpriv\..* medusa-mfad\[[0-9]+\]: event="
}

# ---- set-up ----

# Where the library is; a package would have it where it is known already.
build_client() {
	local lib
	lib=$(printf '%s\n' 'include Makefile' \
	    "libdir: ; @printf '%s\\n' '\$(libdir)'" |
	    make -s -C "$host_build" -f - libdir)
	ldconfig "$lib"
	# shellcheck disable=SC2046
	PKG_CONFIG_PATH=$lib/pkgconfig cc -o /usr/local/bin/sdktry \
	    "$host_top/tests/host/sdktry.c" \
	    $(PKG_CONFIG_PATH=$lib/pkgconfig pkg-config --cflags --libs \
	        medusa-mfa) && return
	not_ok "an application that asks for challenges"
	done_testing
}

set_up() {
	mkdir -p "$folder"
	mkdir -m 1777 "$box"
	: >"$heard"
	chmod 0666 "$heard"
	: >"$secrets"
	program 10-hear <<-PROGRAM
	#!/bin/sh
	exec /bin/cat >>$heard
	PROGRAM
	cat >/usr/local/bin/deliver <<-PROGRAM
	#!/bin/sh
	[ ! -e $box/broken ] || { echo no mail server >&2; exit 1; }
	exec /bin/sed -n 's/^code: //p' >>$box/codes
	PROGRAM
	chmod 0755 /usr/local/bin/deliver
	pam_bare service retry=1
	conf "$options"
	build_client
	build_clock
}

# sent: the code that was sent last.
sent() {
	tail -n 1 "$box/codes"
}

# remember USER...: what enrolment has told, as secrets.
remember() {
	local user
	for user; do
		secret_is "${secret[$user]}" "${recovery[$user]}" \
		    "${recovery[$user]//-/}" "$(code "$user" -1)" \
		    "$(code "$user")"
	done
}

# ---- each event ----

the_key() {
	local old
	rm -rf "$MFA_ETC/keys"
	listen_anew
	mfa setup >/dev/null
	happens key.new ""
	old=$(<"$MFA_ETC/keys/primary")
	mfa key new >/dev/null
	happens key.rotated ""
	touch -d '1 hour ago' "$MFA_ETC/keys/primary"
	mfa key rekey >/dev/null
	mfa key remove "$old" >/dev/null
	happens key.retired "" ".detail == \"$old\""
	mfa key export | cat >/dev/null
	happens key.exported ""
}

the_factor() {
	listen_anew
	new_users anna
	remember anna
	happens factor.pending anna '.factor == "totp" and .method == "totp"'
	happens factor.enabled anna '.factor == "totp" and .method == "totp"'
	happens recovery_codes.generated anna '.left == 10' 'left=10'
	runs "rename" mfa rename --user anna totp phone
	happens factor.renamed anna '.factor == "phone"' factor=phone
	is "a login is let in" "$(logs_in anna "$(code anna)")" success
	happens challenge.verified anna \
	    '.service == "service" and .factor == "phone" and .reason == "ok"' \
	    'service=service .*method=totp factor=phone'
	is "a recovery code too" "$(logs_in anna "$(recovery_code anna 1)")" \
	    success
	happens recovery_code.used anna '.left == 9' 'left=9'
	is "a wrong code is not" "$(logs_in anna "$(wrong_code anna)")" auth_err
	happens challenge.failed anna \
	    '.reason == "wrong" and .attempts_left == 0' 'attempts_left=0'
	mfa recovery-codes --yes --user anna --json >/tmp/codes
	recovery[anna]=$(jq -r '.recovery_codes[]' /tmp/codes)
	remember anna
	runs "sync" mfa sync --user anna phone <<<"$(
	    code anna 4 | tee -a "$secrets"; code anna 5 | tee -a "$secrets")"
	happens factor.synced anna '.factor == "phone"' factor=phone
}

the_others() {
	add_users eve paul
	is "who is exempt is not asked" "$(logs_in eve x)" ignore
	happens challenge.skipped eve '.reason == "exempt"' reason=exempt
	is "nor who is not enrolled" "$(logs_in paul x)" ignore
	happens challenge.skipped paul '.reason == "not-enrolled"' \
	    reason=not-enrolled
}

the_lock() {
	local n
	new_users bert
	remember bert
	for n in 1 2 3 4 5; do
		logs_in bert "$(wrong_code bert "$n")" >/dev/null
	done
	happens locked bert '.reason == "locked"' \
	    reason=locked
	sleep 1.2
	is "after the lock" "$(logs_in bert "$(code bert)")" success
	happens unlocked bert '.reason == "ok"' reason=ok
	listen_anew
	runs "unlock" mfa unlock bert
	happens unlocked bert '.reason == null'
}

the_challenge() {
	local id n
	id=$(try start anna)
	secret_is "${id%%.*}"
	happens challenge.created anna '.service == "sdktry"' service=sdktry
	secret_is "$(wrong_code anna 7)"
	try verify "$id" "$(wrong_code anna 7)" >/dev/null
	happens challenge.failed anna \
	    '.service == "sdktry" and .attempts_left == 4' 'attempts_left=4'
	like "its answer" "$(try verify "$id" "$(recovery_code anna 2)")" \
	    '^accepted'
	happens challenge.verified anna \
	    '.service == "sdktry" and .method == "recovery_code"' \
	    'service=sdktry .*method=recovery_code'
	for n in 1 2 3 4 5; do
		try start anna >/dev/null
	done
	happens challenge.expired anna '.reason == "evicted"' reason=evicted
	id=$(as shopd sdktry -r shop enroll 'Customer 1' phone)
	listen_anew
	happens_in_shop "$id"
}

# The secret is the second word.
happens_in_shop() {
	local out
	secret_is "$(cut -d ' ' -f 2 <<<"$1")"
	out=$(as shopd sdktry -r shop disable 'Customer 1' phone 2>&1)
	is "a customer's factor is gone" "$out" ""
	like "R26 a realm's subject: told as JSON" \
	    "$(told factor.disabled 'Customer 1')" '"realm":"shop"'
	like "R26 a realm's subject: in the log" \
	    "$(grep -F 'user=Customer\x201' "$test_log")" \
	    'event=factor.disabled user=Customer.x201 realm=shop '
}

the_sent_code() {
	local out
	add_users otto
	out=$(mfa enroll --user otto --provider otp --address otto@example.org \
	    --label mail --json)
	secret_is "$(sent)"
	happens otp.generated otto '.factor == "mail"' factor=mail
	listen_anew
	mfa confirm --user otto mail --json <<<"$(sent)" >/tmp/codes
	jq -r '.recovery_codes[]' /tmp/codes >>"$secrets"
	happens factor.enabled otto '.address == "otto@example.org"'
	happens otp.deleted otto '.reason == "ok"' reason=ok
	unlike "R26 no address in the log" "$(<"$test_log")" 'otto@|address='
	listen_anew
	is "send" "$(logs_in otto 'send')" auth_err
	happens otp.generated otto '.factor == "mail" and .service == "service"' \
	    service=service
	sent_at=$EPOCHSECONDS
	listen_anew
	logs_in otto 'send' >/dev/null
	happens otp.undelivered otto '.err == "too_soon"' err=too_soon
	add_users olga
	touch "$box/broken"
	fails "a delivery program that fails" mfa enroll --user olga \
	    --provider otp --address olga@example.org --label mail
	rm "$box/broken"
	like "R26 otp.undelivered by the program: in the log" \
	    "$(logged otp.undelivered olga)" \
	    'err=undelivered .*detail=/usr/local/bin/deliver:.*no.x20mail'
	listen_anew
	runs "disable" mfa disable --yes --user olga mail
}

the_invitation() {
	local invitation key
	add_users iris
	listen_anew
	invitation=$(mfa invite --json iris | jq -r .code)
	secret_is "$invitation"
	happens invitation.created iris
	key=$(as iris "$MFA_BIN/medusa-mfa" enroll --json <<<"$invitation" |
	    jq -r .secret)
	secret_is "$key"
	happens invitation.used iris '.method == "invitation"' \
	    method=invitation
}

the_bypass() {
	local bypass
	new_users nina
	remember nina
	listen_anew
	bypass=$(mfa bypass --for 10m --reason 'phone lost' --json nina |
	    jq -r .code)
	secret_is "$bypass"
	happens bypass.created nina '.detail == "phone lost"' \
	    'detail=phone.x20lost'
	is "a login by bypass" "$(logs_in nina "$bypass")" success
	happens bypass.used nina '.method == "bypass"' method=bypass
}

# A place is remembered and forgotten, and a backup is put back.
the_place() {
	new_users rita
	remember rita
	listen_anew
	cp "$MFA_ETC/conf.d/test.conf" /tmp/before.conf
	printf '%s\n' '[rule place]' 'user = rita' 'decision = require' \
	    'remember = 1h' >>"$MFA_ETC/conf.d/test.conf"
	"$host_lib/wire" "$MFA_RUN/socket" hello recv \
	    login:user=rita:service=sshd:rhost=192.0.2.7:key_used=1:retry=1 \
	    recv "answer:text=$(code rita)" recv >/dev/null
	happens challenge.verified rita '.detail == "rule:place"'
	listen_anew
	mfa forget rita >/dev/null
	happens remembered.forgotten rita
	mfa store --yes after-restore >/dev/null
	happens record.restored rita
	mv /tmp/before.conf "$MFA_ETC/conf.d/test.conf"
}

the_end() {
	new_users carl
	remember carl
	listen_anew
	runs "disable" mfa disable --yes --user carl totp
	happens factor.disabled carl '.factor == "totp"' factor=totp
	runs "reset" mfa reset --yes carl
	happens record.reset carl
	runs "remove" mfa users --yes remove carl
	happens record.removed carl
}

# A record that was written while the clock was three days ahead.
the_clock() {
	new_users karl
	remember karl
	listen_later $((3 * 86400))
	runs "a write with the clock ahead" mfa rename --user karl totp phone
	way_stop
	way_start listening
	is "then a right code is refused (R11)" \
	    "$(logs_in karl "$(code karl)")" auth_err
	happens clock.implausible karl
}

the_damage() {
	new_users dora
	remember dora
	find "$MFA_STATE/records" -type f -name '*dora*' \
	    -exec truncate -s 100 {} +
	is "a damaged record" "$(logs_in dora "$(code dora)")" unavail
	happens record.damaged dora '.err == "damaged"' err=damaged
}

# early_in_the_minute SECONDS: of those that the log's limit counts.
early_in_the_minute() {
	local up
	up=$(cut -d . -f 1 /proc/uptime)
	[ $((up % 60)) -lt $((60 - $1)) ] || sleep $((60 - up % 60))
}

the_error() {
	early_in_the_minute 8
	mv "$MFA_STATE/records" "$MFA_STATE/away"
	mark_log
	listen_anew
	is "no store: no verdict" "$(logs_in anna "$(code anna)")" unavail
	logs_in anna "$(code anna)" >/dev/null
	logs_in anna "$(code anna)" >/dev/null
	happens error ""
	is "R26 equal lines about an error: one a minute" \
	    "$(log_lines | grep -c event=error)" 1
	mv "$MFA_STATE/away" "$MFA_STATE/records"
}

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

# The same fault twice, within one minute of the log's limit.
equal_failures() {
	program 20-fail <<<$'#!/bin/sh\nexit 7'
	early_in_the_minute 6
	mark_log
	listen_anew
	mfa rename --user anna tablet tablet >/dev/null
	mfa rename --user anna tablet tablet >/dev/null
	log_wait 'exit.x207'
	sleep 0.5
	is "R26 equal failures: one line a minute" \
	    "$(log_lines | grep -c 'exit.x207')" 1
	rm "$folder/20-fail"
}

# ---- names of strangers ----

# stranger USER SERVICE RHOST: a login of one who does not exist.
stranger() {
	"$host_lib/wire" "$MFA_RUN/socket" hello recv \
	    "login:user=$1:service=$2:rhost=$3:retry=1" recv \
	    answer:text=000000 recv >/dev/null
}

# told_of FIELD VALUE [COUNT]: exactly this came as JSON.
told_of() {
	local try got
	for try in $(seq 60); do
		got=$(tail -n "+$((hear_from + 1))" "$heard" |
		    jq -rj --arg field "$1" 'select(.event == "challenge.failed") |
		        .[$field], "|"')
		[ -z "$got" ] || break
		sleep 0.05
	done
	is "R26 a name of a stranger: $1 ${2@Q}" "$got" "$2|"
}

strange_names() {
	local name
	for name in 'a b  c' "it's" 'say "hi"' 'a=b' '["x"]' \
	    $'caf\xc3\xa9' $'\xf0\x9f\x90\x8d' $'two\nlines' $'tab\there' \
	    $'bell\a' $'esc\e[2J' '%s%n' 'event=locked user=root'; do
		mark_log
		listen_anew
		stranger "$name" "$name" "$name"
		told_of user "$name"
		told_of service "$name"
		told_of rhost "$name"
		# A slow machine may lose an event program meanwhile.
		is "R26 and one line in the log: ${name@Q}" \
		    "$(log_lines | grep -vc ' event=program\.failed ')" 1
		like "R26 whose fields are apart: ${name@Q}" "$(log_lines)" \
		    ': event=challenge.failed user=[!-~]+ service=[!-~]+ rhost=[!-~]+ reason=unknown-user attempts_left=0 uid=0$'
	done
	listen_anew
	stranger $'bad\xff' $'\xc3(' $'\xed\xa0\x80'
	told_of user 'bad\xff'
	told_of service '\xc3('
	told_of rhost '\xed\xa0\x80'
	listen_anew
	stranger 'back\slash' 'back\slash' 'back\slash'
	told_of user 'back\x5cslash'
	listen_anew
	is "through libpam" "$(pam_result service $'so\nme "one"' 123456)" \
	    auth_err
	told_of user $'so\nme "one"'
	unlike "R26 all lines of the log are plain" "$(<"$test_log")" \
	    'unprintable'
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

# ---- after half a minute ----

waiting() {
	new_users lena
	remember lena
	try start lena >/dev/null
	began=$EPOCHSECONDS
}

# wait_until SECOND
wait_until() {
	[ "$EPOCHSECONDS" -ge "$1" ] || sleep $(($1 - EPOCHSECONDS))
}

after_waiting() {
	wait_until $((began + ttl + 2))
	listen_anew
	try start lena >/dev/null
	happens challenge.expired lena '.reason == "expired"' reason=expired
	wait_until $((sent_at + 31))
	listen_anew
	logs_in otto 'send' >/dev/null
	happens otp.deleted otto '.reason == "send"' reason=send
	happens otp.generated otto
	log_wait 'event=otp.generated user=otto'
}

# ---- all of them ----

# same NAME GOT WANTED: lines.
same() {
	is "$1" "$(diff <(sort -u <<<"$2") <(sort -u <<<"$3"))" ""
}

complete() {
	local source manual
	source=$(sed -nE 's/^\t\[MFA_EVENT_[A-Z_]+\] = "([a-z_.]+)",$/\1/p' \
	    "$host_top/verifier/event/event.c")
	manual=$(sed -n '/^\.Ss Events of logins/,/^\.Sh FILES/s/^\.It Ic \([a-z_.]*\)$/\1/p' \
	    "$host_top/man/medusa-mfa.conf.5")
	is "R26 all types of event.h have a name" "$(wc -l <<<"$source")" \
	    "$(grep -cE '^	MFA_EVENT_[A-Z_]+ = [0-9]+,' \
	        "$host_top/verifier/event/event.h")"
	same "R26 the manual describes every event, and no other" \
	    "$manual" "$source"
	same "R26 every event was in the log" \
	    "$(grep -oP ' event=\K[a-z_.]+' "$test_log")" "$source"
	same "R26 and told to programs, but what is about programs" \
	    "$(jq -r .event "$heard")" "$(grep -vx program.failed <<<"$source")"
}

# What an event has, besides event, time, host and uid.
needed='{
	"challenge.created": ["realm", "user", "service"],
	"challenge.verified": ["realm", "user", "service", "method", "reason"],
	"challenge.failed": ["realm", "user", "service", "reason"],
	"challenge.expired": ["realm", "user", "service", "reason"],
	"challenge.skipped": ["realm", "user", "service", "reason"],
	"locked": ["realm", "user", "service", "method", "factor", "reason"],
	"unlocked": ["realm", "user", "service"],
	"recovery_code.used": ["realm", "user", "service", "method", "left"],
	"clock.implausible": ["realm", "user", "service"],
	"record.damaged": ["realm", "user", "service", "err"],
	"error": ["err"],
	"otp.generated": ["realm", "user", "factor"],
	"otp.deleted": ["realm", "user", "factor", "reason"],
	"otp.undelivered": ["realm", "user"],
	"factor.pending": ["realm", "user", "method", "factor"],
	"factor.enabled": ["realm", "user", "factor"],
	"factor.disabled": ["realm", "user", "factor"],
	"factor.renamed": ["realm", "user", "factor"],
	"factor.synced": ["realm", "user", "factor"],
	"recovery_codes.generated": ["realm", "user", "left"],
	"invitation.created": ["realm", "user"],
	"invitation.used": ["realm", "user", "method"],
	"bypass.created": ["realm", "user", "detail"],
	"bypass.used": ["realm", "user", "service", "method"],
	"record.reset": ["realm", "user"],
	"record.removed": ["realm", "user"],
	"record.restored": ["realm", "user"],
	"remembered.forgotten": ["realm", "user"],
	"key.new": [],
	"key.rotated": [],
	"key.retired": ["detail"],
	"key.exported": []
}'

documented_keys() {
	sed -n '/^\.Ss Fields/,/^\.Ss Events of logins/s/^\.It Ic //p' \
	    "$host_top/man/medusa-mfa.conf.5" | sed 's/ *, */\n/g'
	printf 'claimed_%s\n' service rhost tty
}

well_formed() {
	is "R26 every line is one object of JSON" \
	    "$(jq -s 'map(type) | unique | join(" ")' "$heard") $(jq -s length \
	        "$heard")" "\"object\" $(wc -l <"$heard")"
	is "R26 in printable ASCII" "$(LC_ALL=C grep -cv '^[ -~]*$' "$heard")" 0
	is "R26 each event has its keys" "$(jq -c --argjson needed "$needed" \
	    'select((($needed[.event] // ["unknown"]) +
	        ["event", "time", "host", "uid"] -
	        (keys | map(ltrimstr("claimed_")))) != [])' "$heard")" ""
	is "R26 all keys are in the manual" "$(comm -23 \
	    <(jq -r 'keys[]' "$heard" | sort -u) \
	    <(documented_keys | sort -u))" ""
	is "R26 three are numbers, all others strings" \
	    "$(jq -c 'select(to_entries | any((.value | type) != (if .key |
	        IN("left", "attempts_left", "uid") then "number" else
	        "string" end)))' "$heard")" ""
	is "R26 times are of today, in UTC" "$(jq -r .time "$heard" |
	    grep -cvE "^$(date -u +%Y-%m-)[0-9]{2}T[0-9:]{8}Z\$")" 0
}

# Process ids could be a code by chance.
no_secrets() {
	sort -u "$secrets" "$box/codes" |
	    grep -vxE '|send|x|.{1,5}' >/tmp/patterns
	is "R14 secrets were collected" "$(($(wc -l </tmp/patterns) > 80))" 1
	is "R14 no secret in the log" "$(sed 's/medusa-mfad\[[0-9]*\]//' \
	    "$test_log" | grep -F -f /tmp/patterns)" ""
	is "R14 no secret in what programs are told" \
	    "$(grep -hF -f /tmp/patterns "$heard" "$box/last")" ""
	is "R14 no secret in a mail about an event" \
	    "$(sed -s '1,/^$/d' "$mail_box"/mia/new/* |
	        grep -F -f /tmp/patterns)" ""
}

set_up
the_key
add_users shopd
way_start listening
way=listening
waiting
the_factor
harmful_programs
the_others
the_lock
the_challenge
the_sent_code
the_invitation
the_bypass
the_end
strange_names
after_the_harm
slow_program 3
mails
the_clock
the_damage
the_error
equal_failures
after_waiting
way_stop
way=spawned
slow_program 4
happens challenge.verified anna
way_start listening
way=listening
the_place
way_stop
complete
well_formed
no_secrets
no_zombies "R23 no zombies"
done_testing
