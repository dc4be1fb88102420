#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Measures P1, P2 and P4 side by side with Debian's google-authenticator and
# pam_oath, in a scratch copy of the system (tests/lib/sandbox).
#
#   run.sh [-n LOGINS] [-d FOLDER]
#
#   -n  logins of each kind, 10 to 100 (100)
#   -d  a folder on the disk to measure (the build folder); what is made there
#       is removed
#
# The build folder is MFA_BUILD or the current one.  Needs root and the packages
# libpam-google-authenticator and libpam-oath.  Prints Markdown.
set -u

# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
logins=100
disk=
inside=

while getopts n:d:i: option; do
	case $option in
	n) logins=$OPTARG ;;
	d) disk=$OPTARG ;;
	i) inside=$OPTARG ;;
	*) die "usage: run.sh [-n LOGINS] [-d FOLDER]" ;;
	esac
done
case $logins in
*[!0-9]* | '') die "-n needs a number" ;;
esac
if [ "$logins" -lt 10 ] || [ "$logins" -gt 100 ]; then
	die "-n: 10 to 100"
fi

# One key for all: a code can be used once by each user of each module.
key=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP
key_hex=48656c6c6f21deadbeef48656c6c6f21deadbeef

# ---- outside ----

sandbox() {
	local mode=$1
	shift
	"$top/tests/lib/sandbox" "$@" --tree "$top" --tree "$build" -- \
	    bash "$self" -i "$mode" -n "$logins"
}

outside() {
	local folder module
	for module in google_authenticator oath; do
		[ -e "$(modules)/pam_$module.so" ] ||
		    die "apt-get install libpam-${module//_/-}"
	done
	make_folder "$disk"
	about "$folder"
	sizes
	printf '\n### On disk\n\n'
	sandbox disk --state "$folder" || exit 1
	printf '\n### In memory, where a flush costs nothing\n\n'
	sandbox memory || exit 1
}

modules() {
	dirname "$(find /lib/*/security /usr/lib/*/security -name pam_unix.so \
	    2>/dev/null | head -n 1)"
}

about() {
	local cpu
	cpu=$(sed -n 's/^model name[^:]*: //p;T;q' /proc/cpuinfo)
	printf '%s, %s, %d processors (%s), Linux %s, %s, ' \
	    "$(date -u +%F)" "$(. /etc/os-release && echo "$PRETTY_NAME")" \
	    "$(nproc)" "${cpu:-unknown}" "$(uname -r)" \
	    "$(df --output=fstype "$1" | tail -n 1)"
	dpkg-query -W -f '${Package} ${Version}, ' \
	    libpam-google-authenticator libpam-oath | sed 's/, $/\n/'
}

closure() {
	ldd "$1" | awk '$2 == "=>" { print $1 }' | sort -u
}

# P4: what each module weighs and brings along.
sizes() {
	local file copy libpam more
	copy=$(mktemp)
	libpam=$(ldd "$(modules)/pam_unix.so" |
	    sed -n 's/.*libpam\.so\.0 => \([^ ]*\).*/\1/p')
	printf '\n### Module (P4)\n\n| module | bytes, stripped | libraries it adds to libpam'"'"'s |\n|---|---|---|\n'
	for file in "$build/pam_medusa_mfa/.libs/pam_medusa_mfa.so" \
	    "$(modules)/pam_google_authenticator.so" \
	    "$(modules)/pam_oath.so"; do
		cp "$file" "$copy"
		strip "$copy"
		more=$(comm -23 <(closure "$file") \
		    <({ closure "$libpam"; echo libpam.so.0; } | sort -u) |
		    paste -sd ' ')
		printf '| %s | %d | %s |\n' "${file##*/}" \
		    "$(stat -c %s "$copy")" "${more:-none}"
	done
	rm -f "$copy"
}

# ---- inside ----

# Ours and the peers' files lie side by side on one file system.
place_files() {
	mkdir -p /var/lib/medusa-mfa /bench
	case $inside in
	disk) mount --bind /var/lib/medusa-mfa /bench ;;
	memory) mount -t tmpfs -o mode=0755 bench /bench ;;
	esac || die "cannot mount"
	mkdir -p /bench/ours /bench/peers/ga /bench/pam.d
	mount --bind /bench/ours /var/lib/medusa-mfa || die "cannot mount"
}

prepare_ours() {
	local user
	add_users "${spawned[@]}" "${listening[@]}"
	for user in "${spawned[@]}" "${listening[@]}"; do
		enrol "$user" --import-secret <<<"$key" || die "enrol $user"
	done
	echo "auth required $MFA_MODULE socket=$MFA_RUN/none" \
	    >/bench/pam.d/spawned
	echo "auth required $MFA_MODULE" >/bench/pam.d/listening
	way_start listening
}

# As their documentation says: a code is good once, +-1 step, no rate limit.
prepare_peers() {
	local user
	add_users "${peers[@]}"
	for user in "${peers[@]}"; do
		printf '%s\n' "$key" '" WINDOW_SIZE 3' '" DISALLOW_REUSE' \
		    '" TOTP_AUTH' >"/bench/peers/ga/$user"
		chmod 0600 "/bench/peers/ga/$user"
	done
	# shellcheck disable=SC2016
	echo 'auth required pam_google_authenticator.so user=root secret=/bench/peers/ga/${USER}' \
	    >/bench/pam.d/ga
	printf "HOTP/T30/6 %s - $key_hex\n" "${peers[@]}" >/bench/peers/users.oath
	chmod 0600 /bench/peers/users.oath
	echo 'auth required pam_oath.so usersfile=/bench/peers/users.oath window=2 digits=6' \
	    >/bench/pam.d/oath
}

# The next step's code: it was never used, and all let it in for a minute.
schedule() {
	local n code
	code=$(code "${spawned[0]}" 1)
	for ((n = 0; n < logins; n++)); do
		echo "google-authenticator ga ${peers[n]} $code"
		echo "pam_oath oath ${peers[n]} $code"
		echo "medusa-spawned spawned ${spawned[n]} $code"
		echo "medusa-listening listening ${listening[n]} $code"
	done
}

run_inside() {
	local status out
	place_files
	out=$("$top/tests/lib/install.sh" "$build" 2>&1) || die "$out"
	# shellcheck source=/dev/null
	. /run/mfa-test/paths
	# shellcheck source-path=SCRIPTDIR source=../tests/lib/tap.sh
	. "$top/tests/lib/tap.sh"
	trap - EXIT
	# shellcheck source-path=SCRIPTDIR source=../tests/lib/mfa.sh
	. "$top/tests/lib/mfa.sh"
	mapfile -t spawned < <(seq -f 's%03g' "$logins")
	mapfile -t listening < <(seq -f 'l%03g' "$logins")
	mapfile -t peers < <(seq -f 'p%03g' 100)
	prepare_ours
	prepare_peers
	sync
	schedule >/run/mfa-test/logins
	"$build/bench/pambench" /bench/pam.d </run/mfa-test/logins
	status=$?
	way_stop
	printf '\n'
	"$build/bench/pambench" -f /bench/flush
	return "$status"
}

if [ -z "$inside" ]; then
	outside
else
	run_inside
fi
