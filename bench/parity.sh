#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Do wrong codes, locked and blocked users, users without a factor and unknown
# ones take the same time (R5)?  Measured through libpam, with Debian's
# google-authenticator beside it, in a scratch copy of the system
# (tests/lib/sandbox).
#
#   parity.sh [-n SAMPLES] [-d FOLDER]
#
#   -n  logins of each class, 15 to 5000 (2000)
#   -d  a folder on the disk to measure (the build folder); what is made there
#       is removed
#
# Prints Markdown.  The exit status is 0 if the medians of ours are within 10 %
# of that of a wrong code, for the prompt within 0.2 ms if that is more, and the
# Mann-Whitney AUC between 0.45 and 0.55.
set -u

# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
samples=2000
disk=
inside=
# Twenty decoys a second are written, and eight of the thirteen logins of a round
# need one: with 25 a second it is twenty in the worst order.
pause=40

while getopts n:d:i option; do
	case $option in
	n) samples=$OPTARG ;;
	d) disk=$OPTARG ;;
	i) inside=1 ;;
	*) die "usage: parity.sh [-n SAMPLES] [-d FOLDER]" ;;
	esac
done
case $samples in
*[!0-9]* | '') die "-n needs a number" ;;
esac
if [ "$samples" -lt 15 ] || [ "$samples" -gt 5000 ]; then
	die "-n: 15 to 5000"
fi

key=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP

outside() {
	local folder
	make_folder "$disk"
	"$top/tests/lib/sandbox" --state "$folder" --tree "$top" \
	    --tree "$build" -- bash "$self" -i -n "$samples"
}

# ---- inside ----

# Few users, the last of the system's: how long a name is searched for is the
# name service's.
prepare() {
	local user
	wrong=(wrong1 wrong2 wrong3 wrong4 wrong5)
	locked=(locked1 locked2 locked3 locked4)
	blocked=(blocked1 blocked2 blocked3 blocked4)
	none=(none1 none2 none3 none4)
	mkdir -p /bench/pam.d /bench/ga
	echo "auth required $MFA_MODULE socket=$MFA_RUN/none retry=1" \
	    >/bench/pam.d/spawned
	echo "auth required $MFA_MODULE retry=1" >/bench/pam.d/listening
	# shellcheck disable=SC2016
	echo 'auth required pam_google_authenticator.so user=root secret=/bench/ga/${USER}' \
	    >/bench/pam.d/ga
	add_users "${none[@]}" "${wrong[@]/#/s}" "${wrong[@]/#/l}" "${locked[@]}" \
	    "${blocked[@]}"
	for user in "${wrong[@]/#/s}" "${wrong[@]/#/l}" "${locked[@]}" \
	    "${blocked[@]}"; do
		enrol "$user" --import-secret <<<"$key" || die "enrol $user"
	done
	for user in "${wrong[@]}"; do
		printf '%s\n' "$key" '" WINDOW_SIZE 3' '" DISALLOW_REUSE' \
		    '" TOTP_AUTH' >"/bench/ga/s$user"
		chmod 0600 "/bench/ga/s$user"
	done
	way_start listening
	# Eighteen in a row block; sixteen lock, but not who is to be blocked.
	throttle 20
	strike 18 "${blocked[@]}"
	throttle 16
	strike 16 "${locked[@]}"
	all_are .blocked true "${blocked[@]}"
	all_are '.blocked or .locked_seconds == 0' false "${locked[@]}"
}

# A lock lasts longer than all of it takes.
throttle() {
	conf "[mfa]\\nrequire = all\\n[throttle]\\nburst = $1\\nhard_stop = 18
wrong_per_day = 1000\\nlock_seconds = 86400"
}

# strike COUNT USER...: so many wrong codes for each.
strike() {
	local count=$1 user n
	shift
	for user; do
		for ((n = 0; n < count; n++)); do
			echo "l listening $user $wrong_one"
		done
	done | "$build/bench/pambench" -r -w 0 /bench/pam.d >/dev/null ||
	    die "wrong codes"
}

# all_are FILTER VALUE USER...: what jq makes of their states.
all_are() {
	local filter=$1 value=$2 user got
	shift 2
	for user; do
		got=$(mfa status --user "$user" --json | jq "$filter")
		[ "$got" = "$value" ] ||
		    die "$user: $filter is '$got', not '$value'"
	done
}

# Each class once in a round, in an order of chance: what ran before a login
# leaves its traces in the caches.  Fifteen wrong codes for each user, of sixteen
# that lock; then those are unlocked.
measure() {
	local from to n user
	for ((from = 0; from < samples; from = to)); do
		to=$((from + 15 * ${#wrong[@]}))
		((to < samples)) || to=$samples
		for ((n = from; n < to; n++)); do
			a_round "$n" | shuf
		done >/run/mfa-test/logins
		"$build/bench/pambench" -r -w "$pause" /bench/pam.d \
		    </run/mfa-test/logins || die "pambench"
		all_are '.blocked or .locked_seconds > 0' false \
		    "${wrong[@]/#/s}" "${wrong[@]/#/l}"
		for user in "${wrong[@]/#/s}" "${wrong[@]/#/l}"; do
			mfa unlock "$user" >/dev/null || die "unlock $user"
		done
	done
}

a_round() {
	local n=$1 m user way
	m=$((n % 4 + 1)) user=${wrong[n % ${#wrong[@]}]}
	echo "ga/wrong ga s$user $wrong_one"
	echo "ga/not-enrolled ga none$m $wrong_one"
	echo "ga/unknown ga nobody$n $wrong_one"
	for way in spawned listening; do
		echo "$way/wrong $way ${way:0:1}$user $wrong_one"
		echo "$way/locked $way locked$m $wrong_one"
		echo "$way/blocked $way blocked$m $wrong_one"
		echo "$way/not-enrolled $way none$m $wrong_one"
		echo "$way/unknown $way nobody$n $wrong_one"
	done
}

judge() {
	python3 -c '
import bisect, collections, statistics, sys
samples = collections.defaultdict(list)
results = collections.defaultdict(collections.Counter)
for line in sys.stdin:
    who, result, prompt, verdict, whole = line.split()
    samples[who].append((float(prompt), float(verdict), float(whole)))
    results[who][result] += 1
def auc(a, b):
    """How often b is longer than a, by chance 0.5."""
    a = sorted(a)
    n = sum(bisect.bisect_left(a, x) + bisect.bisect_right(a, x) for x in b)
    return n / 2 / len(a) / len(b)
samples = dict(sorted(samples.items()))
print("| class | samples | PAM | prompt, p50 ms | AUC | verdict, p50 ms |"
      " against wrong | AUC |")
print("|---|---|---|---|---|---|---|---|")
bad = 0
for who, rows in samples.items():
    way = who.split("/")[0]
    base = samples[way + "/wrong"]
    cells = []
    for i, least in ((0, 0.2), (1, 0)):
        mine, his = [r[i] for r in rows], [r[i] for r in base]
        median, other = statistics.median(mine), statistics.median(his)
        area = auc(his, mine)
        cells.append((median, median / other if other else 0, area))
        near = abs(median - other) <= max(other / 10, least)
        if way != "ga" and not (near and 0.45 <= area <= 0.55):
            bad = 1
    print("| %s | %d | %s | %.2f | %.2f | %.3f | %+.1f %% | %.2f |" % (
        who, len(rows), " ".join(results[who]), cells[0][0], cells[0][2],
        cells[1][0], 100 * (cells[1][1] - 1), cells[1][2]))
sys.exit(bad)'
}

run_inside() {
	local status out
	out=$("$top/tests/lib/install.sh" "$build" 2>&1) || die "$out"
	# shellcheck source=/dev/null
	. /run/mfa-test/paths
	# shellcheck source-path=SCRIPTDIR source=../tests/lib/tap.sh
	. "$top/tests/lib/tap.sh"
	trap - EXIT
	# shellcheck source-path=SCRIPTDIR source=../tests/lib/mfa.sh
	. "$top/tests/lib/mfa.sh"
	wrong_one=000000
	prepare
	sync
	measure >/run/mfa-test/times || exit 1
	judge </run/mfa-test/times
	status=$?
	way_stop
	return "$status"
}

if [ -z "$inside" ]; then
	outside
else
	run_inside
fi
