#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Cockpit's login page asks for the code (R4, R6, R7, R24): cockpit-ws of the
# distribution, its own PAM file with our line after the password, driven over
# HTTP as the page drives it.

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

ws=/usr/lib/cockpit/cockpit-ws
[ -x "$ws" ] || skip_all "no $ws"

port=9191 patient_port=9192   # the second's server does not wait for people
ws_pids=()

pam_setup() {
	sed -i "/common-auth/a auth required $MFA_MODULE retry=2" \
	    /etc/pam.d/cockpit
	runs "our line comes right after the password" \
	    grep -A 1 common-auth /etc/pam.d/cockpit
}

# ws_start PORT [NAME=VALUE]...: with these in its environment.
ws_start() {
	local at=$1 try
	shift
	env "$@" setpriv --reuid=cockpit-wsinstance \
	    --regid=cockpit-wsinstance --clear-groups "$ws" --no-tls \
	    --address 127.0.0.1 --port "$at" >"/tmp/ws-$at.log" 2>&1 \
	    </dev/null &
	ws_pids+=($!)
	for try in $(seq 100); do
		curl -s -o /dev/null "http://127.0.0.1:$at/ping" && return
		sleep 0.05
	done
	not_ok "cockpit-ws listens" "try $try: $(<"/tmp/ws-$at.log")"
	done_testing
}

# header NAME: of the answer on standard input.
header() {
	sed -n "s/^$1: \\(.*\\)\\r\$/\\1/Ip"
}

# ask PORT AUTHORIZATION: one request of the login page, with its answer's head
# and body.
ask() {
	curl -s -i -m 20 -H "Authorization: $2" \
	    "http://127.0.0.1:$1/cockpit/login"
}

# text_of: a page as text, on one line.
text_of() {
	sed '1,/^\r$/d; /<style>/,/<\/style>/d; /<img/d; s/<[^>]*>//g' | xargs
}

# page PORT USER PASSWORD [ANSWER]...: a whole login.  Prints each prompt as
# "asked: ", any text that is shown with it, and how it ended.
page() {
	local at=$1 user=$2 password=$3 out type nonce prompt
	shift 3
	out=$(ask "$at" "Basic $(printf %s "$user:$password" | base64 -w 0)")
	# a page that lets in repeats the last question's header
	while [[ $out = HTTP/*" 401 "* ]]; do
		read -r type nonce prompt < <(header www-authenticate <<<"$out")
		[ "$type" = X-Conversation ] || break
		printf 'asked: %s|\n' "$(base64 -d <<<"$prompt")"
		sed '1,/^\r$/d' <<<"$out" |
		    jq -r '.message // empty, .error // empty | "shown: " + .'
		[ $# -gt 0 ] || return
		out=$(ask "$at" "X-Conversation $nonce $(printf %s "$1" |
		    base64 -w 0)")
		shift
	done
	printf 'status: %s\n' "$(head -n 1 <<<"$out" | tr -d '\r')"
	if [[ $out = HTTP/*" 200 "* ]]; then
		bridge "$at" "$(header set-cookie <<<"$out")"
	else
		text_of <<<"$out"
	fi
}

# bridge PORT COOKIE: prints "in:NAME" when the session's bridge is that user's.
bridge() {
	curl -s -m 20 -b "${2%%;*}" -o /dev/null -w 'session: %{http_code}\n' \
	    "http://127.0.0.1:$1/cockpit/@localhost/manifests.json"
	ps -o user:32= -C cockpit-bridge | sed 's/^/in:/'
}

# enter USER ANSWER...
enter() {
	local user=$1
	shift
	page "$port" "$user" "$first_factor" "$@"
}

# leave USER...: Cockpit leaves an agent and a bus of each user behind.
leave() {
	local user pids try
	for user; do
		for try in $(seq 100); do
			mapfile -t pids < <(pgrep -u "$user")
			[ "${#pids[@]}" -gt 0 ] || break
			[ "$try" -gt 1 ] || kill "${pids[@]}" 2>/dev/null
			sleep 0.02
		done
	done
}

# people NAME...: added, with a shell and a home that a session can use.
people() {
	local name
	add_users "$@"
	for name; do
		usermod -s /bin/bash -d "/home/$name" "$name"
		install -d -o "$name" -g "$name" "/home/$name"
	done
}

# enrolled NAME...
enrolled() {
	local name
	people "$@"
	for name; do
		enrol "$name" || { not_ok "enrol $name"; done_testing; }
	done
}

# refused_after NOTE: asked, asked with this note, and out.
refused_after() {
	printf '%s' '^asked: Verification code: \|
asked: '"$1"' Verification code: \|
status: HTTP/1\.1 401 Authentication failed'
}

# shown_as NAME SCREEN WANTED: WANTED is a REGEX over lines.
shown_as() {
	if [[ $2 =~ $3 ]]; then
		ok "$1"
	else
		not_ok "$1" "wanted: $3
in:
$2"
	fi
}

right() {
	local user=$way-right again out code
	enrolled "$user"
	code=$(code "$user")
	out=$(enter "$user" "$code")
	shown_as "$way: R24 one prompt, then the session" "$out" \
	    '^asked: Verification code: \|
status: HTTP/1\.1 200 OK
session: 200'
	let_in "$way: R24 the right code lets in" "$user" "$out"
	leave "$user"
	again=$(recovery_code "$user" 1)
	out=$(enter "$user" "$(wrong_code "$user")" "$again")
	shown_as "$way: R24 wrong, then a recovery code on the same page" \
	    "$out" 'asked: Wrong code\. Verification code: \|
status: HTTP/1\.1 200 OK
session: 200'
	is "$way: one wrong code is counted" "$(status_of "$user" wrong_today)" 1
	leave "$user"
	job replay enter "$user" "$code" "$code"
	job recovery enter "$user" "$again" "$again"
	jobs_wait
	shown_as "$way: R6 the code again is refused" "$(job_out replay)" \
	    "$(refused_after 'Code already used, wait for the next\.')"
	shown_as "$way: R6 so is the recovery code" "$(job_out recovery)" \
	    "$(refused_after 'Recovery code already used\.')"
	verifiers_gone "$way: no verifier is left"
}

# All of them pause after the refusal: side by side.
refused() {
	local n codes
	enrolled wrong locked left
	people unenrolled
	mapfile -t codes < <(wrong_codes locked 5)
	pam_bare service retry=1
	for n in 0 1 2 3 4; do
		pam_result service locked "${codes[n]}" >/dev/null
	done
	conf '[mfa]\nrequire = all'
	job wrong enter wrong "$(wrong_code wrong)" "$(wrong_code wrong 1)"
	job locked enter locked "$(code locked)" "$(code locked 1)"
	job unenrolled enter unenrolled 123456 654321
	job nobody enter nobody-there 123456 654321
	job password page "$port" left "wrong $first_factor" "$(code left)"
	job junk enter left ""
	job typed enter left "$first_factor"
	# once asked, they have read the PAM file
	for n in $(seq 100); do
		[ -n "$(cd "$jobs_folder" && grep -L asked wrong locked \
		    unenrolled nobody password junk typed)" ] || break
		sleep 0.05
	done
	sed -i 's/substack/include/' /etc/pam.d/cockpit
	job early page "$port" left "wrong $first_factor" "$(code left)"
	jobs_wait
	shown_as "R24 wrong, wrong: asked twice, then refused" \
	    "$(job_out wrong)" "$(refused_after 'Wrong code\.')"
	is "two are counted" "$(status_of wrong wrong_today)" 2
	is "R7 a locked user's right codes look the same" \
	    "$(job_out locked)" "$(job_out wrong)"
	is "and are not charged" "$(status_of locked wrong_today)" 5
	is "R4 so does a user who should be enrolled, and is not" \
	    "$(job_out unenrolled)" "$(job_out wrong)"
	is "R4 and a user that there is not" \
	    "$(job_out nobody)" "$(job_out wrong)"
	shown_as "substack: a wrong password is asked for the code, and is out" \
	    "$(job_out password)" '^asked: Verification code: \|
status: HTTP/1\.1 401 Authentication failed'
	shown_as "include: a wrong password is out at once" \
	    "$(job_out early)" '^status: HTTP/1\.1 401 Authentication failed'
	like "R25 an empty answer ends it" "$(job_out junk)" '^status: .* 401'
	like "R25 the password as an answer ends it" "$(job_out typed)" \
	    '^status: .* 401'
	is "and costs nothing" "$(status_of left wrong_today)" 0
	conf
	like "R2 require = enrolled: who is not enrolled has no second prompt" \
	    "$(enter unenrolled | head -n 1)" '^status: .* 200 OK'
	leave unenrolled
	is "without the session's cookie there is no session" \
	    "$(bridge "$port" "cockpit=none" | head -n 1)" 'session: 401'
	like "a locked user's recovery code lets in" \
	    "$(enter locked "$(recovery_code locked 1)")" '^in:locked$'
	leave locked
}

# Whoever closes the page at the prompt: Cockpit ends its session program in the
# middle of the conversation.
abandoned() {
	local out try
	mkdir -p /tmp/xdg/cockpit
	printf '[basic]\nresponse-timeout = 1\n' >/tmp/xdg/cockpit/cockpit.conf
	ws_start "$patient_port" XDG_CONFIG_DIRS=/tmp/xdg
	enrolled gone
	out=$(page "$patient_port" gone "$first_factor")
	runs "the conversation stands" pgrep -x cockpit-session
	is "R20 asked, and gone" "$out" 'asked: Verification code: |'
	for try in $(seq 100); do
		pgrep -x cockpit-session >/dev/null || break
		sleep 0.05
	done
	is "Cockpit has ended the conversation" "$try $(pgrep -x \
	    cockpit-session)" "$try "
	verifiers_gone "R20 so has the verifier"
	is "R20 nothing is charged" "$(status_of gone wrong_today)" 0
	out=$(enter gone "$(wrong_code gone)")
	is "R20 gone after a wrong code" "$(tail -n 1 <<<"$out")" \
	    'asked: Wrong code. Verification code: |'
	is "it is charged" "$(status_of gone wrong_today)" 1
	let_in "R20 the next login works, while that prompt still stands" gone \
	    "$(enter gone "$(code gone)")"
	leave gone
}

# What Cockpit does with our text, and that no quote of ours breaks it.
unusable() {
	enrolled broken
	conf '[mfa]\nno_such_option = 1'
	mark_log
	job config enter broken "$(code broken)"
	jobs_wait
	unlike "R4 a broken configuration lets nobody in" "$(job_out config)" \
	    "$let_in_mark|^asked|200"
	# a double quote in our text would be an "Internal error in login process"
	like "R24 the page shows our text, and no more" "$(job_out config)" \
	    '^status: .* Authentication failed: [^ ]+ [A-Z][A-Za-z :,.]*$'
	like "the log says why" "$(log_lines)" \
	    'medusa.*(configuration|no_such_option)'
	conf
	let_in "once it is mended, in" broken "$(enter broken "$(code broken)")"
	leave broken
}

pam_setup
ws_start "$port"
each_way right
refused
abandoned
unusable
no_zombies "no zombies"
for pid in "${ws_pids[@]}"; do
	kill "$pid"
	wait "$pid" 2>/dev/null
done
done_testing
