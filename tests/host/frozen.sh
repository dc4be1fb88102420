#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What the release before says is answered as that answered it, and its answers
# are understood (R29): frozen packets, played by tests/lib/replay.
# shellcheck disable=SC2034,SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

socket=$MFA_RUN/socket
frozen=$host_top/tests/vectors/wire/version2.txt

# one_line NAME REGEX COMMAND...: refused, with one line that says why.
one_line() {
	local name=$1 regex=$2 out status
	shift 2
	out=$("$@" 2>&1 </dev/null) && status=0 || status=$?
	like "$name" "$out" "$regex"
	is "$name: one line, and a failure" \
	    "$(wc -l <<<"$out") $((status != 0))" "1 1"
}

requests_of_before() {
	local name said count=0
	way_start listening
	while IFS=: read -r name said; do
		is "version 2 is answered as ever: $name" "${said# }" same
		count=$((count + 1))
	done < <("$host_lib/replay" ask "$socket" "$frozen" 2>&1)
	is "that was all of them" "$count" "$(grep -c ^conv "$frozen")"
	way_stop
}

# served NAME...: a verifier of version 2, for these conversations.
served() {
	local try
	"$host_lib/replay" serve "$socket" "$frozen" "$@" >/tmp/served 2>&1 &
	server=$!
	for try in $(seq 250); do
		[ ! -S "$socket" ] || return
		sleep 0.02
	done
	not_ok "a verifier of version 2" "after $try looks: $(</tmp/served)"
}

# was_served NAME: and was asked what it was asked then.
was_served() {
	wait "$server"
	is "$1: asked as ever" "$(grep -v ': same$' /tmp/served)" ""
}

token() {
	oathtool --hotp -b -c "$1" JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP
}

# login_of_version_2 NAME SERVICE USER WANTED [ANSWER]...
login_of_version_2() {
	local name=$1 service=$2 user=$3 wanted=$4
	shift 4
	served "$name"
	is "module, verifier of version 2: $name" \
	    "$(pam_result "$service" "$user" "$@")" "$wanted"
	was_served "$name"
}

# command_of_version_2 NAME WANTED ARGUMENT...
command_of_version_2() {
	local name=$1 wanted=$2
	shift 2
	served "$name"
	like "command, verifier of version 2: $name" "$(mfa "$@" 2>&1)" \
	    "$wanted"
	was_served "$name"
}

replies_of_before() {
	login_of_version_2 login-not-enrolled frozen bob ignore
	login_of_version_2 login-exempt frozen carl ignore
	login_of_version_2 login-right frozen anna success "$(token 1)"
	login_of_version_2 login-used frozen anna auth_err "$(token 1)"
	login_of_version_2 login-wrong frozen anna auth_err "$(token 400)"
	login_of_version_2 login-malformed frozen anna auth_err 12
	login_of_version_2 login-asked-again frozen2 anna success \
	    "$(token 401)" "$(token 2)"
	login_of_version_2 login-abandoned frozen anna conv_err
	command_of_version_2 list '"label":"token".*"status":"enabled"' \
	    list --user anna --json
	command_of_version_2 status '"enrolled":true.*"enabled_factors":1' \
	    status --user anna --json
	command_of_version_2 status-of-nobody '"exists":false' \
	    status --user bob --json
	command_of_version_2 users '"user":"anna"' users --json
	command_of_version_2 rename '^Done' rename token spare --user anna
	command_of_version_2 unlock '^Done' unlock anna
	command_of_version_2 keys '"primary":true' key list --json
	command_of_version_2 not-known 'no such user' \
	    status --user nobody-there --json
	served keys
	one_line "command, verifier of version 2: invite" \
	    'of another release' mfa invite bob
	wait "$server"
	like "and nothing was asked" "$(</tmp/served)" 'got 0 \[\]$'
}

next_uid=21001
add_users anna bob carl
conf '[mfa]\nproviders = totp hotp recovery_code\nexempt_users = carl'
pam_bare frozen retry=1
pam_bare frozen2 retry=2
requests_of_before
replies_of_before
done_testing
