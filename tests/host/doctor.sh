#!/bin/bash
# SPDX-License-Identifier: MIT
#
# medusa-mfa doctor: whole set-ups as small trees, each with the findings that
# it must have and no others; files, accounts and modes; and this very sandbox.
# shellcheck disable=SC2154,SC2317

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

trees=$host_top/tests/doctor

# serious TREE: ids of dangers and warnings, one a line.
serious() {
	mfa doctor --root "$1" --json |
	    jq -r '.[] | select(.severity != "note").id' | sort -u
}

# ---- trees ----

judge_trees() {
	local kind=$1 wanted=$2 tree name n=0
	for tree in "$trees/$kind"/*/; do
		name=$(basename "$tree")
		n=$((n + 1))
		is "$kind: $name" "$(serious "$tree")" "$(<"$tree/expect")"
		mfa doctor --root "$tree" >/tmp/told 2>&1
		is "$kind: $name: status" "$?" "$(dangers_of "$tree")"
		is "$kind: $name: at most 80 columns" \
		    "$(grep -cE '.{81}' /tmp/told)" 0
	done
	if [ "$n" -ge "$wanted" ]; then
		ok "$n $kind trees"
	else
		not_ok "$n $kind trees" "at least $wanted are wanted"
	fi
}

# dangers_of TREE: the status that its findings must give.
dangers_of() {
	mfa doctor --root "$1" --json |
	    jq 'if any(.severity == "danger") then 1 else 0 end'
}

# The trees of what is shipped have it as it is now.
as_shipped() {
	local tree file shipped
	while read -r tree file shipped; do
		runs "$tree: $file is conf/pam.d/$shipped" cmp \
		    "$trees/good/$tree/etc/pam.d/$file" \
		    "$host_top/conf/pam.d/$shipped"
	done <<-'TREES'
	debian-all-services dovecot debian/dovecot
	debian-all-services login debian/login
	debian-all-services su debian/su
	debian-all-services sudo debian/sudo
	debian-sshd-as-shipped sshd debian/sshd-keyboard-interactive
	debian-key-as-shipped sshd debian/sshd-publickey
	rhel-as-shipped login rhel/login
	rhel-as-shipped medusa-mfa-auth rhel/medusa-mfa-auth
	rhel-as-shipped sshd rhel/sshd-keyboard-interactive
	rhel-as-shipped su rhel/su
	rhel-as-shipped sudo rhel/sudo
	rhel-key-as-shipped sshd rhel/sshd-publickey
	TREES
}

# Nothing outside of the tree is looked at, whatever a link says.
links_stay_inside() {
	local tree=/tmp/links
	mkdir -p "$tree/etc/pam.d" "$tree/etc/authselect"
	printf 'auth sufficient pam_unix.so\n' >"$tree/etc/authselect/system-auth"
	ln -s /etc/authselect/system-auth "$tree/etc/pam.d/system-auth"
	printf 'auth include system-auth\nauth required pam_medusa_mfa.so\n' \
	    >"$tree/etc/pam.d/sudo"
	like "a link is one inside the tree" "$(serious $tree)" '^pam-bypass$'
	ln -sf /../../../etc/pam.d/common-auth "$tree/etc/pam.d/system-auth"
	like "and leads nowhere else" "$(serious $tree)" '^pam-syntax$'
	rm "$tree/etc/pam.d/system-auth"
	mkfifo "$tree/etc/pam.d/system-auth"
	like "a FIFO is not waited for" "$(serious $tree)" '^pam-syntax$'
	fails "a tree that is not there" mfa doctor --root /tmp/nowhere
}

# A whole tree with files of ours; each step makes one thing worse.
files_of_a_tree() {
	local tree=/tmp/whole
	mkdir -p "$tree/etc/pam.d" "$tree/etc" "$tree/var/lib"
	cp -a "$trees/good/debian-sshd-password/etc/." "$tree/etc/"
	cp -a "$MFA_ETC" "$tree/etc/medusa-mfa"
	cp -a "$MFA_STATE" "$tree/var/lib/medusa-mfa"
	cp /etc/passwd "$tree/etc/passwd"
	is "files: as setup makes them" "$(serious $tree)" ''
	chmod 0666 "$tree/etc/medusa-mfa/medusa-mfa.conf"
	is "files: a configuration others write" "$(serious $tree)" file-unsafe
	chmod 0644 "$tree/etc/medusa-mfa/medusa-mfa.conf"
	chmod 0644 "$tree"/etc/medusa-mfa/keys/*.key
	is "files: a key others read" "$(serious $tree)" file-unsafe
	chmod 0640 "$tree"/etc/medusa-mfa/keys/*.key
	chmod 0755 "$tree/var/lib/medusa-mfa/records"
	is "files: records others list" "$(serious $tree)" file-unsafe
	chmod 0700 "$tree/var/lib/medusa-mfa/records"
	chmod 0644 "$tree/var/lib/medusa-mfa/log-limits"
	is "files: limits others read" "$(serious $tree)" file-unsafe
	chmod 0600 "$tree/var/lib/medusa-mfa/log-limits"
	mv "$tree/etc/medusa-mfa/keys/primary" /tmp/primary
	is "files: no primary key" "$(serious $tree)" key-missing
	mv /tmp/primary "$tree/etc/medusa-mfa/keys/primary"
	chown bin "$tree/etc/medusa-mfa"
	is "files: a folder of somebody else" "$(serious $tree)" file-unsafe
	chown root "$tree/etc/medusa-mfa"
	sed -i '/^medusa-mfa:/s,[^:]*$,/bin/bash,' "$tree/etc/passwd"
	is "files: an account with a shell" "$(serious $tree)" account-login
	sed -i 's,^medusa-mfa:x:[0-9]*:,medusa-mfa:x:0:,' "$tree/etc/passwd"
	like "files: an account that is root" "$(serious $tree)" account-root
	sed -i '/^medusa-mfa:/d' "$tree/etc/passwd"
	is "files: no account" "$(serious $tree)" account-missing
}

# ---- this sandbox ----

# The kernel of a test machine may have no time service.
here() {
	mfa doctor --json | jq -r '.[].id' | sort -u |
	    grep -vxE 'clock-unsynced|socket-missing'
}

live() {
	is "here: in no service" "$(here)" pam-not-used
	printf '@include common-auth\nauth required %s\n%s\n' "$MFA_MODULE" \
	    '@include common-account' >/etc/pam.d/sudo
	is "here: sudo with a code, sudo -i without" "$(here)" pam-other-name
	cp /etc/pam.d/sudo /etc/pam.d/sudo-i
	is "here: both with a code" "$(here)" ''
	runs "here: no danger" mfa doctor
	rm -rf /var/lib/medusa-mfa.old
	new_users anna bert
	is "here: with records" "$(here)" ''
	sed -i '/^bert:/d' /etc/passwd
	is "here: a record of nobody" "$(here)" record-orphan
	printf 'bert:x:4711:4711::/:/bin/sh\n' >>/etc/passwd
	like "here: a record of another uid" "$(here)" \
	    '^record-(foreign|problem)$'
	sed -i '/^bert:/d' /etc/passwd
	mfa reset --yes bert >/dev/null
	mfa users --yes remove bert >/dev/null
	conf '[mfa]\nrequire = all'
	is "here: nobody who administers has a factor" "$(here)" \
	    'admin-lockout
admin-not-enrolled
sshd-not-asking'
	fails "here: and that is a danger" mfa doctor
	sed -i 's/^sudo:.*/&anna/' /etc/group
	is "here: one has" "$(here)" 'admin-not-enrolled
sshd-not-asking'
	conf '[mfa]\nno_such_option = 1'
	like "here: a configuration that is refused" "$(here)" '^check-problem$'
	like "here: does not hide what else there is" "$(mfa doctor)" \
	    verifier-silent
	conf
	chmod 0666 "$MFA_ETC/medusa-mfa.conf"
	like "here: a configuration others write" "$(here)" '^file-unsafe$'
	chmod 0644 "$MFA_ETC/medusa-mfa.conf"
	rm /etc/pam.d/sudo-i
	printf 'auth sufficient pam_unix.so\nauth required %s\n' \
	    "$MFA_MODULE" >/etc/pam.d/sudo
	like "here: a bypass" "$(here)" '^pam-bypass$'
	printf '@include common-auth\nauth required %s\n' /no/pam_medusa_mfa.so \
	    >/etc/pam.d/sudo
	is "here: a module that is not there" "$(here)" pam-module-missing
	rm /etc/pam.d/sudo
	printf '@include common-auth\nauth required %s\n%s\n' "$MFA_MODULE" \
	    '@include common-account' >/etc/pam.d/sshd
	like "here: sshd -T is asked" "$(here)" '^sshd-key-alone$'
	printf 'AuthenticationMethods keyboard-interactive:pam\n%s\n' \
	    'KbdInteractiveAuthentication yes' \
	    >/etc/ssh/sshd_config.d/00-test.conf
	is "here: and is content" "$(here)" ''
	like "here: who is not root is told so" \
	    "$(runuser -u nobody -- "$MFA_BIN/medusa-mfa" doctor)" not-root
}

# told ID [ROOT]: place, text and users or services of each such finding.
told() {
	mfa doctor --json ${2+--root "$2"} | jq -r --arg id "$1" '.[] |
	    select(.id == $id) | .where + " " + .what + " / " + .about'
}

# other AUTH ACCOUNT: its lines.
other() {
	printf 'auth required %s\naccount required %s\n' "$1" "$2" |
	    pam_service other
}

# What stands for a service without a file is told of where it asks nobody.
fallback() {
	local at='/etc/pam.d/other a login by these lines needs no code / '
	local tree=$trees/good/debian-sshd-password
	pam_bare asks
	cp /tmp/other /etc/pam.d/other
	is "other: Debian's" "$(told pam-other)" "$at"
	other pam_permit.so pam_deny.so
	is "other: account refuses" "$(told pam-other)" ''
	other pam_deny.so pam_permit.so
	is "other: auth refuses, and no key is held back" \
	    "$(told pam-other)" ''
	printf 'account required %s enforce\n' "$MFA_MODULE" \
	    >>/etc/pam.d/sshd
	is "other: auth refuses, and a key comes past enforce" \
	    "$(told pam-other)" "$at"
	other "$MFA_MODULE" pam_permit.so
	sed -i '/enforce/d' /etc/pam.d/sshd
	is "other: with a line of ours" "$(told pam-other)" ''
	rm /etc/pam.d/other
	is "other: without the file libpam refuses" "$(told pam-other)" ''
	is "other: a tree without it" "$(told pam-other "$tree")" ''
	other pam_deny.so pam_deny.so
	is "other: refuses" "$(told pam-other)" ''
	rm /etc/pam.d/asks
}

# What is said of a module that is not there is what libpam does.
misspelt() {
	local control dash does line
	for control in required requisite sufficient optional \
	    '[success=ok default=ignore]' '[success=1 default=bad]' \
	    '[default=die]' '[default=reset]' '[default=1]'; do
		for dash in '' -; do
			line="${dash}auth $control pam_medusa-mfa.so"
			pam_service misspelt <<-LINES
			auth required pam_permit.so
			$line
			auth required pam_permit.so
			LINES
			does='refuses every login'
			[ "$(pam_result misspelt root)" != success ] ||
				does='goes on as if'
			like "misspelt: $line: $does" "$(told pam-misspelt /)" \
			    "^/etc/pam.d/misspelt:2 .* PAM $does .*; ours is pam_medusa_mfa.so / misspelt\$"
		done
	done
	rm /etc/pam.d/misspelt
	is "misspelt: a path without a file says what to write" \
	    "$(pam_service misspelt <<-LINES; told pam-module-missing
	auth requisite pam_unix.so
	auth required /lib/nowhere/pam_medusa_mfa.so
	LINES
	)" "/etc/pam.d/misspelt:2 there is no /lib/nowhere/pam_medusa_mfa.so, or it is empty: write pam_medusa_mfa.so, without a path / misspelt"
	: >/tmp/pam_medusa_mfa.so
	pam_service misspelt <<-'LINES'
	auth requisite pam_unix.so
	auth required /tmp/pam_medusa_mfa.so
	LINES
	like "misspelt: a module that is empty" "$(told pam-module-missing /)" \
	    ':2 there is no /tmp/pam_medusa_mfa.so, or it is empty'
	rm /etc/pam.d/misspelt
}

# one WHAT ID USERS: the only finding, with the users it was met with, and no
# advice to reset anybody.
one() {
	mfa doctor --json | jq -c '.[] | select(.id != "clock-unsynced" and
	    .id != "socket-missing")' >/tmp/one
	is "$1: one finding" "$(jq -r .id /tmp/one)" "$2"
	is "$1: with who met it" "$(jq -r '.about | split(" ") | sort |
	    join(" ")' /tmp/one)" "$3"
	unlike "$1: nobody is to be reset" "$(</tmp/one)" 'medusa-mfa reset'
}

# away FILE ID USERS: the same while the file is not there.
away() {
	mv "$1" /tmp/away
	one "store: no $1" "$2" "$3"
	mv /tmp/away "$1"
}

# With the records of anna, cora and dora.
the_store() {
	local keys=$MFA_ETC/keys all='anna cora dora' key
	new_users cora dora
	is "store: as it should be" "$(here)" ''
	mount --bind "$MFA_STATE" "$MFA_STATE"
	mount -o remount,ro,bind "$MFA_STATE"
	one "store: read-only" store-read-only "$all"
	umount -l "$MFA_STATE"
	away "$keys" key-missing "$all"
	away "$MFA_STATE/records" store-missing ''
	away "$MFA_STATE/store-id" store-missing ''
	for key in "$keys"/*.key; do :; done
	chgrp root "$keys"
	one "store: keys of another group" file-unreadable "$all"
	chgrp medusa-mfa "$keys"
	chmod 0600 "$key"
	one "store: a key that its group cannot read" file-unreadable "$all"
	chmod 0640 "$key"
	conf '[totp]\n'
	chmod 0600 "$MFA_ETC/conf.d/test.conf"
	one "store: a drop-in of a umask of 077" file-unreadable ''
	conf
	chmod 0700 "$MFA_VENDOR"
	one "store: an installation with a umask of 077" file-unreadable ''
	chmod 0755 "$MFA_VENDOR"
	chmod 0700 "$MFA_ETC"
	one "store: a folder above that nobody enters" file-unreadable "$all"
	chmod 0755 "$MFA_ETC"
	chown bin "$keys"
	one "store: keys of another owner" file-unsafe "$all"
	chown root "$keys"
	cp -p "$MFA_STATE/store-id" /tmp/store-id
	tr 0-9a-f 1-9a-f0 </tmp/store-id >"$MFA_STATE/store-id"
	one "store: of another id" store-damaged ''
	cp -p /tmp/store-id "$MFA_STATE/store-id"
	chmod 0644 "$MFA_STATE/records/u-cora"
	one "store: a record that others read" file-unsafe cora
	chmod 0600 "$MFA_STATE/records/u-cora"
	# An administrator's: nobody says that there are no factors.
	chown root "$MFA_STATE/records/u-anna"
	one "store: a record of another owner" store-problem anna
	chown medusa-mfa "$MFA_STATE/records/u-anna"
	cp -p "$MFA_STATE/records/u-cora" /tmp/u-cora
	cp "$MFA_STATE/records/u-dora" "$MFA_STATE/records/u-cora"
	is "store: one damaged record is that user's" "$(here)" record-problem
	cp -p /tmp/u-cora "$MFA_STATE/records/u-cora"
	mv "$keys" /tmp/keys
	mv "$MFA_STATE/records" /tmp/records
	is "store: neither keys nor records, and a service that asks" \
	    "$(here)" 'not-set-up
verifier-silent'
	mv /tmp/keys "$keys"
	mv /tmp/records "$MFA_STATE/records"
	cp /etc/passwd /tmp/passwd
	sed -i '/^medusa-mfa:/d' /etc/passwd
	is "store: no account" "$(here)" 'account-missing
verifier-silent'
	cp /tmp/passwd /etc/passwd
	is "store: and mended" "$(here)" ''
}

# A store of its own size, with the records that there are.
room() {
	cp -a "$MFA_STATE" /tmp/state
	mount -t tmpfs -o mode=0755,size=64m,nr_inodes=2k store "$MFA_STATE"
	cp -a /tmp/state/. "$MFA_STATE"
	is "room: for more than a thousand" "$(here)" ''
	mount -o remount,nr_inodes=900 "$MFA_STATE"
	is "room: in blocks, and few inodes" "$(here)" store-nearly-full
	mount -o remount,nr_inodes=2k,size=8m "$MFA_STATE"
	is "room: in inodes, and few blocks" "$(here)" store-nearly-full
	like "room: it says how much" "$(told store-nearly-full)" \
	    'records there is room for [1-9][0-9]* more records: [0-9]+ KiB and [0-9]+ inodes'
	runs "room: which is no danger yet" mfa doctor
	dd if=/dev/zero of="$MFA_STATE/filler" bs=4096 2>/dev/null
	is "room: none" "$(here)" store-full
	fails "room: which is one" mfa doctor
	add_users egon
	fails "room: and nobody can enrol" mfa enroll --user egon --json
	umount -l "$MFA_STATE"
	is "room: again" "$(here)" ''
}

the_socket() {
	printf 'auth required %s\n' "$MFA_MODULE" >/etc/pam.d/swaylock
	is "a locker without a socket" "$(here)" socket-locker
	like "a locker without a socket: which" "$(told socket-locker)" \
	    ' / swaylock$'
	way_start listening
	is "a locker with one" "$(here)" ''
	chmod 0600 "$MFA_RUN/socket"
	is "a socket for root alone" "$(here)" socket-silent
	way_stop
	rm /etc/pam.d/swaylock
}

# What a host without a battery for its clock begins with.
clock_of_1970() {
	cc -shared -fPIC -o /tmp/clock.so -x c - <<-'CODE'
	#include <time.h>
	time_t
	time(time_t *t)
	{
		return t == NULL ? 1 : (*t = 1);
	}
	CODE
	is "a clock of 1970" "$(LD_PRELOAD=/tmp/clock.so here)" clock-wrong
}

# ---- the manual ----

manual() {
	local ids
	ids=$(sed -n 's/^	{ "\([a-z-]*\)", [DWN],$/\1/p' \
	    "$host_top/utils/doctor/kinds.c" | sort)
	is "the manual has every finding, and no other" \
	    "$(sed -n 's/^\.It Cm \([a-z]*-[a-z-]*\)$/\1/p' \
	        "$host_top/man/medusa-mfa-doctor.8" | sort)" "$ids"
}

cp /etc/pam.d/other /tmp/other
other pam_deny.so pam_deny.so
judge_trees good 10
judge_trees bad 25
as_shipped
links_stay_inside
files_of_a_tree
live
fallback
misspelt
the_store
room
the_socket
clock_of_1970
manual
done_testing
