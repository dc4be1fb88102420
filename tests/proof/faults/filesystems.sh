#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Records on real file systems: full, over quota, read-only, unmounted and cut
# off under way (R1, R2, R3, R6, R7, R19).
#
#   filesystems.sh [full]     "full": with a listening verifier, too
#
# What this machine or a kernel without it does not let us do is skipped, and
# says why.
# shellcheck disable=SC2154

here=$(dirname "$(readlink -f "$0")")
# shellcheck disable=SC2034
sandbox_options=(--loop)
# shellcheck source=../../lib/host.sh
. "$here/../../lib/host.sh"

account=$(stat -c %U "$MFA_STATE/records")
image=/tmp/state.img
filler=$MFA_STATE/filler
options=   # of the mount
no_quota=  # why an ext4 has none
copied=   # "btrfs": writes in place are none there, and need room

# NAME SIZE MKFS...
kinds=(
	"ext4-1k 8M mke2fs -q -F -t ext4 -b 1024"
	"ext4-4k 16M mke2fs -q -F -t ext4 -b 4096"
	"xfs 320M mkfs.xfs -q -f"
	"btrfs 128M mkfs.btrfs -q -f"
)

# ---- a file system ----

# fresh NAME SIZE MKFS...: a new one in the place of the records.
fresh() {
	local name=$1 size=$2 out
	shift 2
	command -v "$1" >/dev/null || { skip "$name" "no $1"; return 1; }
	make_it "$size" "$@" || return 1
	rmdir "$MFA_STATE/lost+found" 2>/dev/null
	# Without its records the old ring would be refused.
	rm -rf "${MFA_ETC:?}/keys"
	runs "$name: set up" mfa setup
}

# make_it SIZE MKFS...: an ext4 with quotas, if the kernel has them.
make_it() {
	local size=$1 quota
	shift
	options=
	for quota in "-O quota" ""; do
		[ -z "$quota" ] || [ "$1" = mke2fs ] || continue
		rm -f "$image"
		truncate -s "$size" "$image"
		# shellcheck disable=SC2086
		out=$("$@" $quota "$image" 2>&1) || continue
		options=${quota:+usrquota}
		mount_it && return
		no_quota="the kernel mounts none with quotas: ${mount_said%%$'\n'*}"
		out=$mount_said
	done
	skip "$name" "${out##*$'\n'}"
	return 1
}

# mount_it: with the options.
mount_it() {
	mount_said=$(mount -o "loop${options:+,$options}" "$image" \
	    "$MFA_STATE" 2>&1)
}

# fill_up: to the last block, and to the last that is kept for root.
fill_up() {
	local who size round
	mkdir -p "$filler"
	chown "$account" "$filler"
	# What was reserved for the files before comes free when they are synced.
	for round in 1 2 3 4 5 6; do
		for who in "$account" root; do
			for size in 65536 4096 512; do
				setpriv --reuid="$who" --regid="$who" \
				    --clear-groups -- dd if=/dev/zero bs="$size" \
				    of="$filler/$round.$who.$size" 2>/dev/null
			done
		done
		sync -f "$MFA_STATE"
		dd if=/dev/zero of="$filler/last.$round" bs=4096 count=4 \
		    conv=fsync 2>/dev/null || break
	done
}

# ---- a login that waits at the prompt ----

# at_prompt USER CODE COMMAND...: the result; the command is run at the prompt.
at_prompt() {
	local user=$1 code=$2 try
	shift 2
	rm -f /tmp/answers /tmp/asked /tmp/result
	mkfifo /tmp/answers
	"$host_build/tests/host/pamtry" service "$user" </tmp/answers \
	    >/tmp/result 2>/tmp/asked &
	exec 7>/tmp/answers
	for try in $(seq 200); do
		grep -q 'Verification code' /tmp/asked && break
		sleep 0.02
	done
	[ "$try" -lt 200 ] || diag "no prompt"
	"$@" >/tmp/deed 2>&1
	printf '%s\n' "$code" >&7
	exec 7>&-
	wait $!
	cat /tmp/result
}

one_of() {
	like "$1" "$2" "^($3)\$"
}

# good_once NAME USER CODE SAID...: with what was said before, once at most.
good_once() {
	local name=$1 user=$2 code=$3 good=0 said
	shift 3
	for said in "$@" "$(pam_result service "$user" "$code")" \
	    "$(pam_result service "$user" "$code")"; do
		[ "$said" != success ] || good=$((good + 1))
	done
	if [ "$good" -le 1 ]; then
		ok "$name: the code was good $good times (R6)"
	else
		not_ok "$name: the code was good $good times (R6)"
	fi
}

readable() {
	is "$1: the record is readable (R7)" "$(status_of "$2" problem)" ""
}

# ---- what happens to it ----

plain() {
	local user=$1-plain right
	new_users "$user"
	right=$(code "$user")
	is "$1: a wrong code is refused" \
	    "$(pam_result service "$user" "$(wrong_code "$user")")" auth_err
	is "$1: and counted (R7)" "$(status_of "$user" wrong_today)" 1
	is "$1: a right code lets in" "$(pam_result service "$user" "$right")" \
	    success
	is "$1: once (R6)" "$(pam_result service "$user" "$right")" auth_err
}

# Where a write takes new blocks, it may be refused; never half done.
when_no_room() {
	local name=$1 user=$2 right said wrong before after
	right=$(code "$user")
	before=$(status_of "$user" wrong_today)
	wrong=$(pam_result service "$user" "$(wrong_code "$user")")
	after=$(status_of "$user" wrong_today)
	said=$(pam_result service "$user" "$right")
	if [ -z "$copied" ]; then
		is "$name: a wrong code is refused and counted (R7)" \
		    "$wrong $after" "auth_err $((before + 1))"
		is "$name: a right code lets in (R19)" "$said" success
	else
		one_of "$name: a wrong code is refused, counted or not compared (R7)" \
		    "$wrong $((after - before))" 'auth_err 1|unavail [01]'
		one_of "$name: a right code lets in, or cannot be checked (R19)" \
		    "$said" 'success|unavail'
		diag "wrong: $wrong, right: $said"
	fi
	readable "$name" "$user"
	no_room_said=$said no_room_code=$right
}

# Refused, with nothing left; or, where a file system keeps some blocks, whole.
enrol_without_room() {
	if mfa enroll --user "$2" --json >/dev/null 2>&1; then
		readable "$1, enrolled all the same" "$2"
	else
		fails "$1: what could not be enrolled left no record" \
		    test -e "$MFA_STATE/records/u-$2"
	fi
}

full_disk() {
	local user=$1-full
	new_users "$user"
	add_users "$1-late"
	fill_up
	fails "$1, full: a file of 16 KiB has no room" dd if=/dev/zero \
	    of="$filler/more" bs=4096 count=4 conv=fsync
	when_no_room "$1, full" "$user"
	enrol_without_room "$1, full" "$1-late"
	rm -rf "$filler"
	sync -f "$MFA_STATE"
	readable "$1, room again" "$user"
	good_once "$1, room again" "$user" "$no_room_code" "$no_room_said"
}

# set_quota NAME: the account has used up what it may; false with the reason in
# quota_said.
set_quota() {
	local used
	case $1 in
	ext4*)
		quota_said=$no_quota
		[ -n "$options" ] || return 1
		quota_said=$(quotaon -u "$MFA_STATE" 2>&1)
		used=$(repquota -u -O csv "$MFA_STATE" 2>/dev/null |
		    awk -F, -v user="$account" '$1 == user { print $4 }')
		[ -n "$used" ] || { quota_said="no quota: $quota_said"; return 1; }
		quota_said=$(setquota -u "$account" "$used" "$used" 0 0 \
		    "$MFA_STATE" 2>&1)
		;;
	btrfs*)
		quota_said=$(btrfs quota enable "$MFA_STATE" 2>&1 &&
		    btrfs qgroup limit 100k "$MFA_STATE" 2>&1)
		;;
	*)
		quota_said=$(zcat /proc/config.gz 2>/dev/null |
		    grep -i 'XFS_QUOTA')
		quota_said="the kernel has none for it: $quota_said"
		return 1
		;;
	esac
}

over_quota() {
	local user=$1-quota
	new_users "$user"
	sync -f "$MFA_STATE"
	if ! set_quota "$1"; then
		skip "$1, over quota" "$quota_said"
		return
	fi
	fails "$1, over quota: the account gets nothing more" \
	    setpriv --reuid="$account" --regid="$account" --clear-groups -- \
	    dd if=/dev/zero of="$MFA_STATE/records/x" bs=64k count=8 conv=fsync
	rm -f "$MFA_STATE/records/x"
	when_no_room "$1, over quota" "$user"
	case $1 in
	ext4*) setquota -u "$account" 0 0 0 0 "$MFA_STATE" ;;
	btrfs*) btrfs quota disable "$MFA_STATE" ;;
	esac
	readable "$1, quota gone" "$user"
	good_once "$1, quota gone" "$user" "$no_room_code" "$no_room_said"
}

read_only() {
	local user=$1-ro right
	new_users "$user"
	right=$(code "$user")
	mount -o remount,ro "$MFA_STATE"
	is "$1, read-only: refused (R19)" \
	    "$(pam_result service "$user" "$right")" unavail
	is "$1, read-only: nullok does not help (R2)" \
	    "$(pam_result nullok "$user" "$right")" unavail
	mount -o remount,rw "$MFA_STATE"
	readable "$1, writable again" "$user"
	is "$1, writable again: the code is good" \
	    "$(pam_result service "$user" "$right")" success
}

# A verifier holds a file that it may write to, so nobody may just ask for it;
# an ext4 with errors=remount-ro becomes so by itself.
make_read_only() {
	case $1 in
	ext4*) mount -o remount,abort "$MFA_STATE" ;;
	*) mount -o remount,ro "$MFA_STATE" ;;
	esac
}

read_only_under_way() {
	local user=$1-way right said
	new_users "$user"
	right=$(code "$user")
	said=$(at_prompt "$user" "$right" make_read_only "$1")
	if grep -q . /tmp/deed; then
		skip "$1, read-only under way" "$(head -n 1 /tmp/deed)"
		good_once "$1, nothing happened" "$user" "$right" "$said"
		return
	fi
	is "$1, read-only under way: not let in (R1)" "$said" unavail
	umount "$MFA_STATE"
	mount_it || diag "$mount_said"
	readable "$1, writable again" "$user"
	good_once "$1, writable again" "$user" "$right" "$said"
}

full_under_way() {
	local user=$1-filled right said
	new_users "$user"
	right=$(code "$user")
	said=$(at_prompt "$user" "$right" fill_up)
	one_of "$1, full under way" "$said" "success${copied:+|unavail}"
	rm -rf "$filler"
	sync -f "$MFA_STATE"
	readable "$1, room again" "$user"
	good_once "$1, room again" "$user" "$right" "$said"
}

# Who is at the prompt holds the file system; nobody else finds it.
unmounted_under_way() {
	local user=$1-off right said
	new_users "$user"
	right=$(code "$user")
	said=$(at_prompt "$user" "$right" umount -l "$MFA_STATE")
	one_of "$1, unmounted under way" "$said" 'success|unavail'
	diag "said: $said"
	# What lies under the mount point is another, older store or none.
	rm -rf "${MFA_STATE:?}"/*
	is "$1, unmounted: nobody is let in (R2)" \
	    "$(pam_result nullok "$user" "$right")" unavail
	wait_unmounted
	mount_it || diag "$mount_said"
	readable "$1, mounted again" "$user"
	good_once "$1, mounted again" "$user" "$right" "$said"
}

wait_unmounted() {
	local try
	for try in $(seq 100); do
		[ -n "$(losetup -j "$image")" ] || return
		sleep 0.05
	done
	diag "after $try looks it is still in use"
}

# As if the disk had been pulled out: every write fails from here on, and what
# was not synced is lost.
cut_off() {
	xfs_io -x -c shutdown "$MFA_STATE"
}

cut_off_under_way() {
	local user=$1-cut right said
	new_users "$user"
	if ! command -v xfs_io >/dev/null; then
		skip "$1, cut off" "no xfs_io"
		return
	fi
	right=$(code "$user")
	said=$(at_prompt "$user" "$right" cut_off)
	if grep -qi 'ioctl\|not supported' /tmp/deed; then
		skip "$1, cut off" "$(</tmp/deed)"
		return
	fi
	is "$1, cut off under way: not let in (R1)" "$said" unavail
	is "$1, cut off: nobody is let in" \
	    "$(pam_result nullok "$user" "$right")" unavail
	umount "$MFA_STATE"
	mount_it || diag "$mount_said"
	readable "$1, mounted again" "$user"
	good_once "$1, mounted again" "$user" "$right" "$said"
}

# ---- all of it ----

everything() {
	local kind words name
	for kind in "${kinds[@]}"; do
		read -ra words <<<"$kind"
		name=${words[0]}-$way
		copied=
		case $name in btrfs*) copied=1 ;; esac
		fresh "$name" "${words[@]:1}" || continue
		one_kind "$name"
		umount "$MFA_STATE" || diag "still in use: $(fuser -vm "$MFA_STATE" 2>&1)"
	done
}

one_kind() {
	diag "$(findmnt -no FSTYPE,OPTIONS "$MFA_STATE")"
	plain "$1"
	full_disk "$1"
	over_quota "$1"
	read_only "$1"
	read_only_under_way "$1"
	full_under_way "$1"
	unmounted_under_way "$1"
	cut_off_under_way "$1"
}

pam_bare service retry=1
pam_bare nullok retry=1 nullok
# shellcheck disable=SC2034
MFA_WAYS=spawned
# shellcheck disable=SC2034
[ "${1-}" != full ] || MFA_WAYS="spawned listening"
each_way everything
done_testing
