#!/bin/bash
# SPDX-License-Identifier: MIT
#
# This release and the one before, each with the other's module, command,
# verifier and records, under running logins (R29).  The release before is
# built from this repository's history; frozen.sh goes without.
# shellcheck disable=SC2034,SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../lib/waiting.sh
. "$host_lib/waiting.sh"

before=ea06e6d   # version 2 of the protocol, format 2 of the record
socket=$MFA_RUN/socket
releases=/tmp/releases
declare -A place=([module]=$MFA_MODULE [command]=$MFA_BIN/medusa-mfa
    [verifier]=$MFA_SBIN/medusa-mfad)
another='of another release'

# ---- two releases ----

# keep RELEASE MODULE COMMAND VERIFIER
keep() {
	mkdir -p "$releases/$1"
	cp "$2" "$releases/$1/module"
	cp "$3" "$releases/$1/command"
	cp "$4" "$releases/$1/verifier"
}

# put RELEASE [PART]...: as a package manager does, a new file in its place.
put() {
	local part release=$1
	shift
	[ $# -gt 0 ] || set -- module command verifier
	for part; do
		cp "$releases/$release/$part" "${place[$part]}.new"
		mv -f "${place[$part]}.new" "${place[$part]}"
	done
}

# Why the release before cannot be built here; empty if it can.
why_not() {
	local tool
	for tool in git autoreconf; do
		command -v "$tool" >/dev/null || { echo "no $tool"; return; }
	done
	history cat-file -e "$before^{commit}" 2>/dev/null ||
	    echo "commit $before is not in a history here"
}

history() {
	git -c safe.directory='*' -C "$host_top" "$@"
}

# As this one was configured; what it needs of the tree and no more.
build_before() {
	local here=/tmp/before words word kept=()
	mkdir -p "$here/src" "$here/b"
	history archive "$before" | tar -x -C "$here/src"
	eval "words=($("$host_build/config.status" --config))"
	for word in "${words[@]}"; do
		case $word in
		--srcdir=* | --enable-werror* | --enable-sanitizers*) ;;
		*) kept+=("$word") ;;
		esac
	done
	cd "$here/src" && autoreconf -fi && cd "$here/b" &&
	    ../src/configure "${kept[@]}" --quiet &&
	    make -s protocol/wire.pb.h protocol/record.pb.h &&
	    make -s -j2 pam_medusa_mfa/pam_medusa_mfa.la utils/medusa-mfa \
	        verifier/medusa-mfad
}

# one_line NAME REGEX COMMAND...: refused, with one line that says why.
one_line() {
	local name=$1 regex=$2 out status
	shift 2
	out=$("$@" 2>&1 </dev/null) && status=0 || status=$?
	like "$name" "$out" "$regex"
	is "$name: one line, and a failure" \
	    "$(wc -l <<<"$out") $((status != 0))" "1 1"
}

# ---- both releases ----

# formats USER: of the slots of the record.
formats() {
	local at
	for at in 11 8203; do
		od -An -tu1 -j "$at" -N 1 "$MFA_STATE/records/u-$1"
	done | xargs
}

# logins NAME USER: right, wrong, used, not enrolled, exempt.
logins() {
	local right
	right=$(recovery_code "$2" 1)
	is "$1: the right code" "$(pam_result service "$2" "$right")" success
	is "$1: used" "$(pam_result service "$2" "$right")" auth_err
	is "$1: wrong" "$(pam_result service "$2" "$(wrong_code "$2")")" \
	    auth_err
	is "$1: not enrolled" "$(pam_result service bob 123456)" ignore
	is "$1: exempt" "$(pam_result service carl 123456)" ignore
}

# Each with the other's; the file of the verifier is away, so that nothing but
# the listener can have answered.
crossed() {
	local verifier client name user
	for verifier in old new; do
		[ "$verifier" = old ] && client=new || client=old
		name="$client module and command, $verifier listener"
		user=x$verifier
		put "$verifier"
		way_start listening
		new_users "$user"
		put "$client" module command
		mv "${place[verifier]}" "${place[verifier]}.away"
		logins "$name" "$user"
		is "$name: a caller that is not root" "$(as "$user" pamtry \
		    service "$user" 2>/dev/null \
		    <<<"$(recovery_code "$user" 2)")" success
		is "$name: list" "$(mfa list --user "$user" --json |
		    jq -r '.factors[0].status')" enabled
		is "$name: status" "$(status_of "$user" recovery_left)" 8
		is "$name: status of one's own" "$(as "$user" \
		    "$MFA_BIN/medusa-mfa" status --json | jq .enrolled)" true
		[ "$verifier" = new ] || too_new "$name" "$user"
		mv "${place[verifier]}.away" "${place[verifier]}"
		way_stop
	done
}

# Without a listener: the module in place, and the verifier that it starts.
started() {
	local verifier module
	for verifier in old new; do
		[ "$verifier" = old ] && module=new || module=old
		put "$verifier"
		new_users "s$verifier"
		put "$module" module
		logins "$module module, starts the $verifier verifier" \
		    "s$verifier"
	done
}

# What version 2 does not know, with a module and a command that do.
too_new() {
	one_line "$1: invite" "$another" mfa invite bob
	one_line "$1: enroll of one's own" "$another" \
	    as bob "$MFA_BIN/medusa-mfa" enroll
	is "$1: and bob has nothing" "$(status_of bob exists)" false
	is "$1: enforce lets nobody in unasked" \
	    "$("$host_build/tests/host/longhost" 2>/tmp/enforced \
	        <<<"account enforced bob")" 6
	is "$1: and says a line" "$(grep -c . /tmp/enforced)" 1
}

# From one release to the other while logins wait: files first, then the
# service.  Each login has a record of its own, which no newer verifier wrote.
running() {
	local from=$1 to=$2 name="from $1 to $2" user
	put old
	new_users "$from"-{root,other,own,long,file,next,late,mem}
	put "$from"
	way_start listening
	waiting root "$host_build/tests/host/pamtry" service "$from-root"
	waiting other as "$from-other" pamtry service "$from-other"
	waiting own "$host_build/tests/host/pamtry" elsewhere "$from-own"
	waiting long "$host_build/tests/host/longhost"
	say long "auth service $from-long"
	for user in root other own long; do prompted "/tmp/$user.err" 1; done
	put "$to"
	is "$name: a login between files and restart" "$(pam_result service \
	    "$from-file" "$(recovery_code "$from-file" 1)")" success
	kill -TERM "$listener_pid"
	wait "$listener_pid" 2>/dev/null
	is "$name: a login without a listener" "$(pam_result service \
	    "$from-next" "$(recovery_code "$from-next" 1)")" success
	rm -f "$socket"
	way_start listening
	is "$name: a login at once after the restart" "$(pam_result service \
	    "$from-next" "$(recovery_code "$from-next" 2)")" success
	is "$name: not root, at once" "$(as "$from-late" pamtry service \
	    "$from-late" 2>/dev/null \
	    <<<"$(recovery_code "$from-late" 1)")" success
	for user in root other own; do
		is "$name: the login that waited: $user" "$(answered "$user" \
		    "$(recovery_code "$from-$user" 1)" 1)" success
	done
	is "$name: the login that waited: long" "$(answered long \
	    "$(recovery_code "$from-long" 1)" 1)" 0
	in_memory "$name: host with the module of before" "$from-mem"
	kill "${waiters[@]}" 2>/dev/null
	wait "${waiters[@]}" 2>/dev/null
	verifiers_gone "$name: no verifier is left behind"
}

# in_memory NAME USER: the host that lives on has the module that it loaded once,
# and the verifiers of today; ends the listener.
in_memory() {
	like "$1" "$(</proc/"${waiters[long]}"/maps)" \
	    "${MFA_MODULE##*/}.*\(deleted\)"
	again 2 "$2"
	is "$1, listening: right" "$(answered long "$(recovery_code "$2" 1)" \
	    2)" 0
	way_stop
	again 3 "$2"
	is "$1, started: wrong" "$(answered long "$(wrong_code "$2")" 3)" 7
	again 4 "$2"
	is "$1, started: right" "$(answered long "$(recovery_code "$2" 2)" 4)" 0
}

# again N USER: the Nth login of that host, up to its prompt.
again() {
	say long "auth service $2"
	prompted /tmp/long.err "$1"
}

# Formats of records: forward without loss, back not at all.
records() {
	local out
	put old
	new_users r
	is "a record of the verifier before" "$(formats r)" "2 2"
	put new
	is "opens" "$(status_of r recovery_left)" 10
	is "and is not written by looking" "$(formats r)" "2 2"
	is "lets in" "$(pam_result service r "$(recovery_code r 1)")" success
	is "and is of today's format then" "$(formats r)" "3 3"
	is "with all that was in it" "$(status_of r recovery_left) $(mfa list \
	    --user r --json | jq -r '.factors[0].id')" "9 ${factor[r]}"
	put old
	mark_log
	is "back: refused" "$(pam_result service r "$(recovery_code r 2)")" \
	    unavail
	is "back: refused where nobody need be enrolled" \
	    "$(pam_result nullok r "$(recovery_code r 2)")" unavail
	like "back: the log says why" "$(log_lines)" 'user=r .*err=format'
	like "back: status says why" "$(status_of r problem)" 'newer'
	one_line "back: list says why" newer mfa list --user r
	one_line "back: nothing can be added" newer \
	    mfa enroll --user r --label other --json
	is "back: others are served" "$(pam_result service bob)" ignore
	is "back: and it is as it was" "$(formats r)" "3 3"
	put new
	is "forward again" "$(pam_result service r "$(recovery_code r 2)")" \
	    success
	is "with nothing lost or charged" "$(status_of r recovery_left) $(
	    status_of r wrong_today)" "8 0"
}

cp "$host_build/tests/host/pamtry" /usr/local/bin/pamtry
add_users bob carl
conf '[mfa]\nexempt_users = carl'
pam_bare service retry=1
pam_bare nullok retry=1 nullok
pam_bare elsewhere retry=1 socket=/run/none/socket
pam_service enforced <<<"account required $MFA_MODULE enforce"
keep new "${place[module]}" "${place[command]}" "${place[verifier]}"
why=$(why_not)
[ -z "$why" ] || skip_all "$why"
(build_before) >/tmp/before.log 2>&1 || {
	not_ok "the release before builds" "$(tail -n 30 /tmp/before.log)"
	done_testing
}
keep old /tmp/before/b/pam_medusa_mfa/.libs/pam_medusa_mfa.so \
    /tmp/before/b/utils/medusa-mfa /tmp/before/b/verifier/medusa-mfad
crossed
started
running old new
running new old
records
no_zombies "no zombies"
done_testing
