#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every event once: as a line of the log, as JSON for event programs, and in
# the manual; names of strangers in both (R26).  What event programs do is in
# event_programs.sh.
# shellcheck disable=SC2154,SC2034

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../lib/clock.sh
. "$host_lib/clock.sh"
# shellcheck source=../lib/events.sh
. "$host_lib/events.sh"

for tool in cc pkg-config jq; do
	command -v "$tool" >/dev/null || skip_all "no $tool"
done

ttl=30   # of a challenge, the least that is allowed
options="[mfa]\nproviders = totp otp recovery_code\nexempt_users = eve
challenge_ttl_seconds = $ttl
[otp]\nprogram = /usr/local/bin/deliver
[throttle]\nlock_seconds = 1
[realm shop]\naccount = shopd"

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

delivery_program() {
	cat >/usr/local/bin/deliver <<-PROGRAM
	#!/bin/sh
	[ ! -e $box/broken ] || { echo no mail server >&2; exit 1; }
	exec /bin/sed -n 's/^code: //p' >>$box/codes
	PROGRAM
	chmod 0755 /usr/local/bin/deliver
}

try() {
	timeout 60 sdktry "$@" 2>&1
}

# sent: the code that was sent last.
sent() {
	tail -n 1 "$box/codes"
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

# The same fault twice, within one minute of the log's limit.
equal_failures() {
	program 20-fail <<<$'#!/bin/sh\nexit 7'
	early_in_the_minute 6
	mark_log
	listen_anew
	mfa rename --user anna phone phone >/dev/null
	mfa rename --user anna phone phone >/dev/null
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

delivery_program
set_up "$options"
build_client
build_clock
the_key
add_users shopd
way_start listening
waiting
the_factor
the_others
the_lock
the_challenge
the_sent_code
the_invitation
the_bypass
the_end
strange_names
the_clock
the_damage
the_error
equal_failures
after_waiting
the_place
way_stop
complete
well_formed
cat "$box/codes" >>"$secrets"
no_secrets 80
no_zombies "R23 no zombies"
done_testing
