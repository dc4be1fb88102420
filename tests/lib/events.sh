# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
#
# An event program that writes down what it is told, and what has to come of
# every event.  Sourced after host.sh.

folder=$MFA_ETC/events.d
box=/run/mfa-test/box          # the runner may write here
heard=$box/heard               # what the event program was told
hear_from=0                    # lines of it that are not looked at any more
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

# set_up TEXT: a folder of event programs, and more of the configuration.
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
	pam_bare service retry=1
	conf "[events]\ndirectory = $folder\n$1"
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

# early_in_the_minute SECONDS: of those that the log's limit counts.
early_in_the_minute() {
	local up
	up=$(cut -d . -f 1 /proc/uptime)
	[ $((up % 60)) -lt $((60 - $1)) ] || sleep $((60 - up % 60))
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
	local what="$1 of ${2:-the host}" out
	[ -z "${4-}" ] || what+=" ($4)"
	if out=$(told "$1" "$2" "${3-}"); then
		ok "R26 $what: told as JSON"
	else
		not_ok "R26 $what: told as JSON" "$(tail -n 5 "$heard")"
	fi
	like "R26 $what: in the log" "$(logged "$1" "$2" "${4-}")" \
	    "^authpriv\..* medusa-mfad\[[0-9]+\]: event="
}

# ---- all of them ----

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

# no_secrets MORE-THAN [FILE]...: none of so many is in the log, in what programs
# were told, and in these.  Process ids could be a code by chance.
no_secrets() {
	sort -u "$secrets" | grep -vxE '|send|x|.{1,5}' >/tmp/patterns
	is "R14 secrets were collected" "$(($(wc -l </tmp/patterns) > $1))" 1
	is "R14 no secret in the log" "$(sed 's/medusa-mfad\[[0-9]*\]//' \
	    "$test_log" | grep -F -f /tmp/patterns)" ""
	is "R14 no secret in what programs are told" \
	    "$(grep -hF -f /tmp/patterns "$heard" "${@:2}")" ""
}
