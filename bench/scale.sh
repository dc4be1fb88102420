#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a login costs with many records, with many others at the same time, by a
# recovery code, in memory and in instructions; and what the commands over all
# records take.
#
#   scale.sh [-a] [-f FILES] [-r RECORDS] [-d FOLDER]
#
#   -a  the commands over all records, and nothing else
#   -f  files beside the records of those who log in (1000000)
#   -r  real records for users, key rekey and store check (100000)
#   -d  a folder on the disk to measure (the build folder)
#
# The build folder is MFA_BUILD or the current one.  Needs root, and the packages
# libpam-google-authenticator, libpam-oath, jq and valgrind.  Prints Markdown.
set -u -o pipefail # a login that fails is seen behind what reads the times

# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
files=1000000
records=100000
disk=
inside=
only_all=

number() {
	case $1 in
	*[!0-9]* | '') die "-f and -r need numbers" ;;
	esac
	echo "$1"
}

while getopts af:r:d:i option; do
	case $option in
	a) only_all=1 ;;
	f) files=$(number "$OPTARG") || exit 1 ;;
	r) records=$(number "$OPTARG") || exit 1 ;;
	d) disk=$OPTARG ;;
	i) inside=1 ;;
	*) die "usage: scale.sh [-a] [-f FILES] [-r RECORDS] [-d FOLDER]" ;;
	esac
done

key=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP
key_hex=48656c6c6f21deadbeef48656c6c6f21deadbeef
levels='1 2 4 8 16 32 64'
each=128  # logins of a level
alone=40  # logins one after the other

outside() {
	local folder
	make_folder "$disk"
	"$top/tests/lib/sandbox" --state "$folder" --tree "$top" \
	    --tree "$build" -- bash "$self" ${only_all:+-a} -i \
	    -f "$files" -r "$records"
}

# ---- users ----

# people PREFIX COUNT: made, and with a factor of the one key.
people() {
	local names
	mapfile -t names < <(seq -f "$1%04g" "$2")
	add_users "${names[@]}"
	printf '%s otpauth://totp/x?secret='"$key"'\n' "${names[@]}" |
	    mfa import otpauth >/run/mfa-test/imported ||
	    die "import: $(tail -n 1 /run/mfa-test/imported)"
}

# peer_people PREFIX COUNT: the same for google-authenticator.
peer_people() {
	local name
	mkdir -p /bench/ga
	for name in $(seq -f "$1%04g" "$2"); do
		printf '%s\n' "$key" '" WINDOW_SIZE 21' '" DISALLOW_REUSE' \
		    '" TOTP_AUTH' >"/bench/ga/$name"
	done
	chmod 0600 /bench/ga/*
	# shellcheck disable=SC2046
	add_users $(seq -f "$1%04g" "$2")
}

services() {
	mkdir -p /bench/pam.d
	echo "auth required $MFA_MODULE socket=$MFA_RUN/none" \
	    >/bench/pam.d/spawned
	echo "auth required $MFA_MODULE" >/bench/pam.d/listening
	# shellcheck disable=SC2016
	echo 'auth required pam_google_authenticator.so user=root secret=/bench/ga/${USER}' \
	    >/bench/pam.d/ga
	echo 'auth required pam_oath.so usersfile=/bench/users.oath window=5 digits=6' \
	    >/bench/pam.d/oath
}

# An import takes the codes of its window for used, so it has none; the logins
# have a wide one, for a code that is still to come.
window() {
	conf "[totp]\\nwindow = $1"
}

a_code() {
	oathtool --totp -b -N "@$((EPOCHSECONDS + 60))" "$key"
}

# logins WHO SERVICE PREFIX FROM TO
logins() {
	seq -f "$1 $2 $3%04g $(a_code)" "$4" "$5"
}

# ---- P3 ----

# verdicts PREFIX: "MEDIAN-SPAWNED MEDIAN-LISTENING", whole logins.
wholes() {
	{
		logins medusa-spawned spawned "$1" 1 "$alone"
		logins medusa-listening listening "$1" $((alone + 1)) \
		    $((2 * alone))
	} >/run/mfa-test/logins
	"$build/bench/pambench" /bench/pam.d </run/mfa-test/logins |
	    awk -F '[|/ ]+' '/^\| medusa-/ { printf "%s ", $8 }'
}

# oath_users LINES USER: who is in the last line.
oath_users() {
	{
		seq -f "HOTP/T30/6 o%09g - $key_hex" $(($1 - 1))
		echo "HOTP/T30/6 $2 - $key_hex"
	} >/bench/users.oath
	chmod 0600 /bench/users.oath
	add_users "$2"
}

# oath_whole LINES: of pam_oath.
oath_whole() {
	local name
	name=$(printf 'one%04d' "$1")
	oath_users "$1" "$name"
	echo "pam_oath oath $name $(a_code)" |
	    "$build/bench/pambench" /bench/pam.d |
	    awk -F '[|/ ]+' '/^\| pam_oath/ { print $8 }'
}

fill_store() {
	python3 - "$MFA_STATE/records" "$1" <<'PYTHON'
import os, pwd, sys
uid = pwd.getpwnam("medusa-mfa").pw_uid
folder = os.open(sys.argv[1], os.O_RDONLY)
for i in range(int(sys.argv[2])):
    name = "u-filler%07d" % i
    fd = os.open(name, os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=folder)
    os.ftruncate(fd, 16384)
    os.fchown(fd, uid, uid)
    os.close(fd)
PYTHON
	sync
}

p3() {
	local few many oath_few oath_many
	people few $((2 * alone))
	people many $((2 * alone))
	window 10
	way_start listening
	few=$(wholes few) || die "a login failed"
	oath_few=$(oath_whole 100) || die "a login failed"
	fill_store "$files"
	many=$(wholes many) || die "a login failed"
	oath_many=$(oath_whole "$files") || die "a login failed"
	way_stop
	find "$MFA_STATE/records" -name 'u-filler*' -delete
	printf '\n### Many records (P3)\n\n'
	printf '| ms, whole login, p50 | %d records | and %d more files | ratio |\n' \
	    $((4 * alone)) "$files"
	printf '|---|---|---|---|\n'
	paste <(printf '%s\n' medusa-spawned medusa-listening) \
	    <(tr ' ' '\n' <<<"${few% }") <(tr ' ' '\n' <<<"${many% }") |
	    awk '{ printf "| %s | %s | %s | %.2f |\n", $1, $2, $3, $3 / $2 }'
	awk -v a="$oath_few" -v b="$oath_many" 'BEGIN {
		printf "| pam_oath, 100 lines and as many | %s | %s | %.0f |\n",
		    a, b, b / a }'
}

# ---- P5 ----

p5() {
	local level who from service prefix row
	printf '\n### At the same time (P5)\n\n'
	printf '| logins a second, so many at once | %s |\n' "${levels// / | }"
	printf '|---%s|\n' "$(sed -E 's/ *[0-9]+/|---/g' <<<"$levels")"
	window 0
	people par $((each * 14))
	peer_people goo $((each * 7))
	window 10
	sleep 1
	for who in google-authenticator medusa-spawned medusa-listening; do
		case $who in
		google-*) service=ga prefix=goo from=1 ;;
		*spawned) service=spawned prefix=par from=1 ;;
		*) service=listening prefix=par from=$((each * 7 + 1)) ;;
		esac
		[ "$service" != listening ] || way_start listening
		row="| $who |"
		for level in $levels; do
			row+=" $(logins "$who" "$service" "$prefix" "$from" \
			    $((from + each - 1)) | "$build/bench/pambench" \
			    -w 0 -j "$level" /bench/pam.d |
			    cut -d ' ' -f 3) |" ||
			    die "$who, $level at once: not all were let in"
			from=$((from + each))
		done
		[ "$service" != listening ] || way_stop
		echo "$row"
	done
}

# ---- recovery codes ----

# by_both WAY FROM TO: each user by a code of their app, then by a recovery code.
by_both() {
	local name code
	for name in $(seq -f 'rec%04g' "$2" "$3"); do
		code=$(mfa recovery-codes --user "$name" --json --yes |
		    jq -er '.recovery_codes[0]') || die "$name: recovery codes"
		echo "$1/totp $1 $name $(a_code)"
		echo "$1/recovery $1 $name $code"
	done
}

by_recovery_code() {
	window 0
	people rec $((2 * alone))
	window 10
	way_start listening
	{
		by_both spawned 1 "$alone" &&
		    by_both listening $((alone + 1)) $((2 * alone))
	} >/run/mfa-test/logins || exit 1
	printf '\n### Recovery code\n\n'
	"$build/bench/pambench" /bench/pam.d </run/mfa-test/logins |
	    sed '/^$/,$d' || die "a login failed"
	way_stop
}

# ---- memory ----

# pss PID...: KiB, in all.
pss() {
	local pid
	for pid; do
		sed -n 's/^Pss: *\([0-9]*\) kB/\1/p' "/proc/$pid/smaps_rollup"
	done | awk '{ n += $1 } END { print n + 0 }'
}

memory() {
	local idle pids n=7 held=()
	way_start listening
	idle=$(pss "$listener_pid")
	for _ in $(seq "$n"); do
		"$top/tests/lib/wire" "$MFA_RUN/socket" hello recv \
		    login:user=few0001:service=bench:retry=1 recv wait:3 \
		    >/dev/null &
		held+=("$!")
	done
	sleep 2
	mapfile -t pids < <(pgrep -P "$listener_pid")
	printf '\n### Memory\n\n| KiB, proportional | |\n|---|---|\n'
	printf '| listening verifier, idle | %d |\n' "$idle"
	printf '| each conversation, at its prompt (%d) | %d |\n' "${#pids[@]}" \
	    $((($(pss "${pids[@]}" "$listener_pid") - idle) / ${#pids[@]}))
	wait "${held[@]}"
	way_stop
}

# ---- instructions ----

# instructions FOLDER PROGRAM: of that process of it which counts most: a child
# counts from its parent's start.
instructions() {
	# shellcheck disable=SC2016
	grep -l "^cmd: .*$2" "$1"/* | xargs awk '
	    /^summary:/ && $2 > most { most = $2 }
	    END { printf "%.2f", most / 1e6 }' || die "$1: $2 was not counted"
}

# counted FOLDER SERVICE USER: one login.
counted() {
	local out=/run/mfa-test/$1 opener
	mkdir -p "$out"
	chmod 0777 "$out"
	# The verifier ends as another user than the one it makes its file as.
	while sleep 0.2; do
		chmod -f 0666 "$out"/*
	done &
	opener=$!
	echo "x $2 $3 $(a_code)" |
	    valgrind -q --tool=callgrind --trace-children=yes \
	    --callgrind-out-file="$out/%p" "$build/bench/pambench" -j 1 \
	    -w 3000 /bench/pam.d >"$out.log" 2>&1 || {
		cat "$out.log" >&2
		die "$1: the login failed"
	}
	sleep 1
	kill "$opener"
}

# Before there are many users: to find one in passwd is the name service's work.
cpu() {
	local verifier
	window 0
	people cpu 2
	peer_people cpug 1
	window 10
	chmod 0777 /run/mfa-test
	valgrind -q --tool=callgrind --callgrind-out-file=/run/mfa-test/cg.%p \
	    "$MFA_SBIN/medusa-mfad" --listen >/dev/null 2>&1 &
	listener_pid=$!
	for _ in $(seq 100); do
		[ -S "$MFA_RUN/socket" ] && break
		sleep 0.1
	done
	"$top/tests/lib/wire" "$MFA_RUN/socket" hello recv >/dev/null
	sleep 0.5
	counted listening listening cpu0001
	way_stop
	counted ga ga cpug0001
	oath_users 100 cpuo
	counted oath oath cpuo
	counted spawned spawned cpu0002
	verifier=$(instructions /run/mfa-test/spawned medusa-mfad) || exit 1
	printf '\n### Instructions of one login (callgrind)\n\n'
	printf '| million | host | verifier |\n|---|---|---|\n'
	counts ga google-authenticator
	counts oath "pam_oath, 100 lines"
	counts listening "medusa-listening; verifier beyond a greeting" \
	    "$(child_cost)"
	counts spawned "medusa-spawned; verifier from its start" "$verifier"
}

# counts FOLDER TITLE [VERIFIER]: a row.
counts() {
	local host
	host=$(instructions "/run/mfa-test/$1" pambench) || exit 1
	printf '| %s | %s | %s |\n' "$2" "$host" "${3-}"
}

# A child counts from its parent's start: less that of one that only greeted.
child_cost() {
	awk '/^summary:/ { print FILENAME, $2 }' /run/mfa-test/cg.* |
	    sort -k 2 -n | awk '{ n[NR] = $2 } END {
		printf "%.2f", (n[NR] - n[1]) / 1e6 }'
}

# ---- over all records ----

timed() {
	local name=$1 start
	shift
	start=$(date +%s.%N)
	"$@" >/run/mfa-test/timed 2>&1 || die "$name: $(tail -n 1 /run/mfa-test/timed)"
	awk -v name="$name" -v from="$start" -v to="$(date +%s.%N)" \
	    -v n="$records" 'BEGIN { printf "| %s | %.1f | %.0f |\n", name,
	    to - from, n / (to - from) }'
}

over_all() {
	window 0
	awk -v n="$records" 'BEGIN { for (i = 1; i <= n; i++)
		printf "r%07d:x:%d:65534::/:/bin/false\n", i, 200000 + i }' \
	    >>/etc/passwd
	seq -f "r%07g otpauth://totp/x?secret=$key" "$records" \
	    >/run/mfa-test/list
	printf '\n### Over %d records\n\n| | seconds | records a second |\n|---|---|---|\n' \
	    "$records"
	timed "import otpauth" bash -c \
	    "'$MFA_BIN/medusa-mfa' import otpauth </run/mfa-test/list"
	timed "users" "$MFA_BIN/medusa-mfa" users
	timed "store check" "$MFA_BIN/medusa-mfa" store check
	mfa key rotate >/dev/null || die "key rotate"
	timed "key rekey" "$MFA_BIN/medusa-mfa" key rekey
}

run_inside() {
	local out
	out=$("$top/tests/lib/install.sh" "$build" 2>&1) || die "$out"
	# shellcheck source=/dev/null
	. /run/mfa-test/paths
	# shellcheck source-path=SCRIPTDIR source=../tests/lib/tap.sh
	. "$top/tests/lib/tap.sh"
	trap - EXIT
	# shellcheck source-path=SCRIPTDIR source=../tests/lib/mfa.sh
	. "$top/tests/lib/mfa.sh"
	mkdir -p /var/lib/medusa-mfa /bench
	services
	window 0
	if [ -z "$only_all" ]; then
		cpu
		p3
		p5
		by_recovery_code
		memory
	fi
	over_all
}

if [ -z "$inside" ]; then
	outside
else
	run_inside
fi
