#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What the command says to somebody who meets it for the first time, and what
# config edit leaves behind when it is broken off.
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

mark=/run/mfa-test/editing

# editor BODY: what config edit opens.
editor() {
	printf '#!/bin/sh\n%s\n' "$1" >/usr/local/bin/an-editor
	chmod 0755 /usr/local/bin/an-editor
}

copies() {
	find "$MFA_ETC" -name '.medusa*'
}

# ---- config edit ----

interrupted() {
	local status=0 before
	before=$(sha256sum "$MFA_ETC/medusa-mfa.conf")
	# As the terminal does it: to all that are in front.
	# shellcheck disable=SC2016
	editor 'echo x >>"$1"; kill -INT 0'
	said=$(setsid -w env -u VISUAL EDITOR=an-editor "$MFA_BIN/medusa-mfa" \
	    config edit 2>&1) || status=$?
	is "Ctrl-C in the editor: the manual's status" "$status" 130
	is "and one line" "$said" 'medusa-mfa: interrupted; nothing was written'
	is "no copy is left" "$(copies)" ""
	editor 'exit 3'
	status=0
	said=$(env -u VISUAL EDITOR=an-editor "$MFA_BIN/medusa-mfa" \
	    config edit 2>&1) || status=$?
	is "an editor that fails" "$status:$said" \
	    '1:medusa-mfa: the editor failed with exit code 3'
	is "nothing was changed" "$(sha256sum "$MFA_ETC/medusa-mfa.conf")" \
	    "$before"
}

# ended SIGNAL: to medusa-mfa alone, while somebody edits.
ended() {
	local status=0 pid
	rm -f "$mark"
	# shellcheck disable=SC2016
	editor 'echo x >>"$1"; echo $$ >'"$mark"'; exec sleep 60'
	env -u VISUAL EDITOR=an-editor "$MFA_BIN/medusa-mfa" config edit \
	    2>/dev/null &
	pid=$!
	for ((i = 0; i < 200; i++)); do
		[ -s "$mark" ] && break
		sleep 0.05
	done
	is "SIG$1: there is a copy while it is edited" \
	    "$(copies | wc -l)" 1
	kill -s "$1" "$pid"
	wait "$pid" || status=$?
	is "SIG$1: the status" "$status" "$((128 + $(kill -l "$1")))"
	is "SIG$1: no copy is left" "$(copies)" ""
	fails "SIG$1: nor an editor" kill -0 "$(<"$mark")"
}

# ---- help ----

helps() {
	local word
	for word in --help -h; do
		is "$word" "$(mfa "$word")" "$(mfa help)"
		is "enroll $word" "$(mfa enroll "$word")" "$(mfa help enroll)"
		is "help $word" "$(mfa help "$word")" "$(mfa help help)"
	done
	like "help help" "$(mfa help help)" '^usage: medusa-mfa help \[COMMAND\]$'
	like "help version" "$(mfa help version)" '^usage: medusa-mfa version$'
	like "version" "$(mfa version)" '^medusa-mfa [0-9]'
	for word in --version -V; do
		is "$word" "$(mfa "$word")" "$(mfa version)"
	done
	like "help enroll: which lengths" "$(mfa help enroll)" '--digits .*6 to 8'
	like "help enroll: which labels" "$(mfa help enroll)" \
	    '--label .*a letter, then letters'
	unlike "help key: no codes" "$(mfa help key)" 'codes'
}

by_hand() {
	local mode
	said=$(as anna "$MFA_SBIN/medusa-mfad" --listen 2>&1)
	like "a verifier of somebody's: who may" "$said" \
	    '^medusa-mfad: --listen must be run as root$'
	like "and what to do" "$said" 'systemctl enable --now medusa-mfad\.socket'
	for mode in --check --init --new-key; do
		is "$mode" "$(as anna "$MFA_SBIN/medusa-mfad" "$mode" 2>&1)" \
		    "medusa-mfad: $mode must be run as root"
	done
}

add_users anna
interrupted
ended HUP
ended TERM
helps
by_hand
done_testing
