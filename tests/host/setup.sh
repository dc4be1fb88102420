#!/bin/bash
# SPDX-License-Identifier: MIT
#
# "medusa-mfa setup" on hosts with systemd's tools and without, over accounts
# that are there already; and the fragments for sysusers and tmpfiles with the
# real tools.
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

lib=$(dirname "$MFA_VENDOR")
sysusers=$lib/sysusers.d/medusa-mfa.conf
tmpfiles=$lib/tmpfiles.d/medusa-mfa.conf
accounts=(medusa-mfa medusa-mfa-runner)

# bare: as if setup had never been run.
bare() {
	local file
	for file in passwd shadow group gshadow; do
		sed -i '/^medusa-mfa/d' "/etc/$file"
	done
	rm -rf "$MFA_ETC" "$MFA_STATE" "$MFA_RUN"
}

# setup: fills said and status.
setup() {
	status=0
	said=$(mfa setup 2>&1) || status=$?
}

# works NAME: setup does, and both accounts are what they have to be.
works() {
	local name
	setup
	is "$1: setup works" "$status" 0
	[ "$status" = 0 ] || diag "$said"
	for name in "${accounts[@]}"; do
		like "$1: $name" "$(getent passwd "$name")" \
		    "^$name:x:[0-9]+:$(id -g "$name"):medusa-mfa [a-z]+:/nonexistent:/usr/sbin/nologin\$"
		is "$1: with a group of its own, and no other" \
		    "$(id -Gn "$name")" "$name"
		like "$1: and no password" \
		    "$(getent shadow "$name")" "^$name:!"
	done
	is "$1: all is well" "$("$MFA_SBIN/medusa-mfad" --check |
	    grep -vc '^ok')" 0
}

# away PROGRAM...: not there, until back.
away() {
	local file
	for file; do mv "$file" "$file.away"; done
	gone=("$@")
}

back() {
	local file
	for file in "${gone[@]}"; do mv -f "$file.away" "$file"; done
}

tree_sum() {
	find "$MFA_ETC" "$MFA_STATE" /etc/passwd /etc/group -printf \
	    '%p %m %U %G %s %l\n' | sort | md5sum
}

# ---- setup ----

both_worlds() {
	local before
	bare
	works "systemd-sysusers"
	like "systemd-sysusers: is said" "$said" 'systemd-sysusers has been run'
	before=$(tree_sum)
	setup
	is "again: works" "$status" 0
	unlike "again: makes nothing" "$said" 'made$|has been run'
	is "again: changes nothing" "$(tree_sum)" "$before"

	bare
	mkdir -p /etc/sysusers.d
	sed 's/ - / 733 /' "$sysusers" | head -n 2 >/etc/sysusers.d/medusa-mfa.conf
	setup
	is "an administrator's fragment counts" "$(id -u medusa-mfa)" 733
	rm /etc/sysusers.d/medusa-mfa.conf

	bare
	away /usr/bin/systemd-{sysusers,tmpfiles} /usr/bin/systemctl
	works "no systemd"
	unlike "no systemd: not asked for" "$said" systemd-sysusers
	back

	bare
	away "$sysusers"
	works "no fragment"
	unlike "no fragment: not asked for" "$said" 'systemd-sysusers'
	back

	bare
	away /usr/bin/systemd-sysusers
	printf '#!/bin/sh\nexit 1\n' >/usr/bin/systemd-sysusers
	chmod 0755 /usr/bin/systemd-sysusers
	works "systemd-sysusers fails"
	back

	bare
	away /usr/bin/systemd-sysusers /usr/sbin/groupadd
	setup
	is "no tool at all: refused" "$status" 1
	like "no tool at all: what to do" "$said" \
	    'by hand, each with a group of its own'
	is "no tool at all: no key is made" "$(find "$MFA_ETC/keys" 2>&1 |
	    grep -c 'No such')" 1
	back
}

there_already() {
	local before
	bare
	groupadd --system medusa-mfa
	useradd --system --gid medusa-mfa --no-create-home --home-dir / \
	    --shell /sbin/nologin medusa-mfa
	before=$(getent passwd medusa-mfa)
	setup
	is "an account that is there: works" "$status" 0
	like "an account that is there: is said" "$said" \
	    '^account medusa-mfa: there$'
	unlike "and nothing against it" "$said" '^note'
	is "it is left as it is" "$(getent passwd medusa-mfa)" "$before"

	usermod --shell /bin/bash --home /home/medusa medusa-mfa
	setup
	is "a login shell and a home: works" "$status" 0
	like "the shell is said" "$said" \
	    'note: account medusa-mfa has the login shell /bin/bash: usermod'
	like "the home is said" "$said" \
	    'note: account medusa-mfa has the home /home/medusa, and needs none'
	usermod --shell '' --home /nonexistent medusa-mfa
	setup
	like "no shell is /bin/sh" "$said" 'the login shell /bin/sh: usermod'
	unlike "the home is mended" "$said" 'the home'

	usermod --gid nogroup medusa-mfa
	setup
	is "in another group: refused" "$status" 1
	like "in another group: said" "$said" 'not in group medusa-mfa'
	bare
	echo 'medusa-mfa:x:0:0::/:/usr/sbin/nologin' >>/etc/passwd
	setup
	is "root by another name: refused" "$status" 1
}

# ---- the fragments ----

# mode FILE: relative to the other root.
mode() {
	stat -c '%a %u %g' "$other$1"
}

fragments() {
	local name folder
	other=$(mktemp -d)
	mkdir -p "$other/etc" "$other$lib"
	: >"$other/etc/passwd"
	: >"$other/etc/group"
	runs "sysusers of another root" systemd-sysusers --root="$other" \
	    "$sysusers"
	for name in "${accounts[@]}"; do
		like "sysusers: $name" "$(<"$other/etc/passwd")" \
		    "^$name:x:[0-9]+:[0-9]+:.*:/nonexistent:/usr/sbin/nologin\$"
	done
	runs "tmpfiles of another root" systemd-tmpfiles --create \
	    --root="$other" "$tmpfiles"
	for folder in "$MFA_RUN" "$MFA_ETC" "$MFA_ETC/conf.d" "$MFA_STATE"; do
		is "tmpfiles: $folder" "$(mode "$folder")" "755 0 0"
	done
	is "neither keys nor records" \
	    "$(find "$other$MFA_ETC" "$other$MFA_STATE" | wc -l)" 3
	chmod 0700 "$other$MFA_ETC"
	chown 5 "$other$MFA_STATE"
	runs "tmpfiles again" systemd-tmpfiles --create --root="$other" \
	    "$tmpfiles"
	is "what is there is not repaired: mode" "$(mode "$MFA_ETC")" "700 0 0"
	is "what is there is not repaired: owner" "$(mode "$MFA_STATE")" \
	    "755 5 0"
	unlike "nothing recursive, nothing removed, no file written" \
	    "$(grep -v '^#' "$tmpfiles")" '^[^d]|^d[^ ]| [0-9]*[1-9][smhdw]'
	rm -rf "$other"
}

# In the order of a package: fragments, then setup; then a boot.
together() {
	local before
	bare
	runs "sysusers" systemd-sysusers "$sysusers"
	runs "tmpfiles" systemd-tmpfiles --create "$tmpfiles"
	works "after both"
	unlike "after both: no account to make" "$said" 'account.*made'
	before=$(tree_sum)
	runs "the tools at the next boot" systemd-sysusers "$sysusers"
	runs "tmpfiles at the next boot" systemd-tmpfiles --create --remove \
	    --clean "$tmpfiles"
	is "change nothing" "$(tree_sum)" "$before"
	# the disk of the records is not there
	new_users alice
	pam_bare service retry=1
	mv "$MFA_STATE" "$MFA_STATE.away"
	runs "a boot without the records" systemd-tmpfiles --create "$tmpfiles"
	is "does not make anybody not enrolled (R2)" \
	    "$(pam_result service alice "$(code alice)")" unavail
	rmdir "$MFA_STATE"
	mv "$MFA_STATE.away" "$MFA_STATE"
	is "with them all is as before" \
	    "$(pam_result service alice "$(code alice)")" success
}

# A umask of 077 is root's on many hosts.
narrow_umask() {
	local to=/tmp/narrow
	(umask 077 && make -s -C "$host_build" install DESTDIR="$to") \
	    >/dev/null 2>&1
	is "install with umask 077: status" "$?" 0
	is "install with umask 077: everybody may enter the folders" \
	    "$(find "$to" -type d ! -perm 0755)" ""
	is "install with umask 077: and read the files" \
	    "$(find "$to" -type f ! -perm -0444)" ""
	rm -rf "$to"
}

both_worlds
there_already
fragments
together
narrow_umask
done_testing
