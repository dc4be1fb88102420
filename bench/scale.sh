#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a login costs with many records, with many others at the same time, in
# memory and in instructions; and what the commands over all records take.
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
set -u

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

# oath_whole LINES: of pam_oath, the user in the last line.
oath_whole() {
	local name
	name=$(printf 'one%04d' "$1")
	add_users "$name"
	{
		seq -f "HOTP/T30/6 o%09g - $key_hex" $(($1 - 1))
		echo "HOTP/T30/6 $name - $key_hex"
	} >/bench/users.oath
	chmod 0600 /bench/users.oath
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
	few=$(wholes few)
	oath_few=$(oath_whole 100)
	fill_store "$files"
	many=$(wholes many)
	oath_many=$(oath_whole "$files")
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
			    cut -d ' ' -f 3) |"
			from=$((from + each))
		done
		[ "$service" != listening ] || way_stop
		echo "$row"
	done
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

# instructions FOLDER: of all processes whose counts are there.
instructions() {
	cat "$1"/* | awk '/^(summary|totals):/ && !seen[FILENAME $2]++ { n = $2 }
	    /^summary:/ { all += $2 } END { printf "%.2f", all / 1e6 }'
}

counted() {
	local out=$1
	shift
	mkdir -p "$out"
	valgrind -q --tool=callgrind --callgrind-out-file="$out/%p" "$@" \
	    >/dev/null 2>&1
}

cpu() {
	local ours peer
	people cpu 2
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
	logins x listening cpu 1 1 | counted /run/mfa-test/host-ours \
	    "$build/bench/pambench" -j 1 -w 3000 /bench/pam.d
	logins x ga goo 1 1 >/run/mfa-test/one
	sed -i 's/goo0001/cpug/' /run/mfa-test/one
	cp -p /bench/ga/goo0001 /bench/ga/cpug
	add_users cpug
	counted /run/mfa-test/host-ga "$build/bench/pambench" -j 1 -w 0 \
	    /bench/pam.d </run/mfa-test/one
	sleep 1
	way_stop
	ours=$(instructions /run/mfa-test/host-ours)
	peer=$(instructions /run/mfa-test/host-ga)
	printf '\n### Instructions of one login (callgrind)\n\n'
	printf '| million | host | verifier, beyond a greeting |\n|---|---|---|\n'
	printf '| google-authenticator | %s | |\n' "$peer"
	printf '| medusa-listening | %s | %s |\n' "$ours" "$(child_cost)"
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
	mfa key rotate >/dev/null
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
		p3
		p5
		memory
		cpu
	fi
	over_all
}

if [ -z "$inside" ]; then
	outside
else
	run_inside
fi
