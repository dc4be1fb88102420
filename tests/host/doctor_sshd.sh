#!/bin/bash
# SPDX-License-Identifier: MIT
#
# medusa-mfa doctor, of sshd: what it finds by sshd -T is what it finds by
# reading sshd's files.
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

base='UsePAM yes
KbdInteractiveAuthentication yes
PasswordAuthentication no
PermitRootLogin yes'

sshd_ids() {
	mfa doctor --json "$@" | jq -r '.[] | select(.id | startswith("sshd")) |
	    .id + " " + .about' | sort
}

# both_say NAME WANTED: about the sshd_config from standard input.
both_say() {
	cat >/etc/ssh/sshd_config
	runs "sshd: $1: sshd takes it" /usr/sbin/sshd -t
	is "sshd: $1: by sshd -T" "$(sshd_ids)" "$2"
	is "sshd: $1: by its files" "$(sshd_ids --root /)" "$2"
}

sshd_twice() {
	both_say "code and password" '' <<-CONFIG
	$base
	AuthenticationMethods keyboard-interactive:pam
	CONFIG
	both_say "the first value wins" 'sshd-key-alone users root' <<-CONFIG
	AuthenticationMethods publickey
	$base
	AuthenticationMethods keyboard-interactive:pam
	CONFIG
	both_say "a block for root wins" 'sshd-key-alone root
sshd-match ' <<-CONFIG
	$base
	AuthenticationMethods keyboard-interactive:pam
	Match User root
		AuthenticationMethods publickey
	CONFIG
	both_say "all but root" 'sshd-key-alone users
sshd-match ' <<-CONFIG
	$base
	AuthenticationMethods keyboard-interactive:pam
	Match User *,!root
		AuthenticationMethods publickey
	CONFIG
	both_say "a block that ends" 'sshd-match ' <<-CONFIG
	$base
	Match User nobody
		AuthenticationMethods publickey
	Match all
		AuthenticationMethods "publickey,keyboard-interactive:pam" keyboard-interactive
	CONFIG
	both_say "root is not let in" 'sshd-key-alone users' <<-CONFIG
	PermitRootLogin no
	$base
	CONFIG
	both_say "equals sign, quotes, case, old name" \
	    'sshd-kbdint users root
sshd-key-alone users root' <<-CONFIG
	challengeresponseauthentication=no
	USEPAM = yes
	PasswordAuthentication	"no"
	PermitRootLogin yes # why
	CONFIG
	both_say "no methods" 'sshd-environment users root
sshd-key-alone users root
sshd-password users root' <<-CONFIG
	UsePAM yes
	PermitRootLogin yes
	PermitUserEnvironment yes
	CONFIG
	both_say "key and password method" 'sshd-no-prompt users root
sshd-password users root' <<-CONFIG
	AuthenticationMethods publickey,password
	PasswordAuthentication yes
	$base
	CONFIG
	both_say "a device of another system" \
	    'sshd-no-prompt users root' <<-CONFIG
	AuthenticationMethods publickey,keyboard-interactive:bsdauth
	$base
	CONFIG
	both_say "one way of two asks" '' <<-CONFIG
	AuthenticationMethods keyboard-interactive:bsdauth keyboard-interactive
	$base
	CONFIG
	both_say "no key either" '' <<-CONFIG
	PubkeyAuthentication no
	$base
	CONFIG
	printf 'UsePAM yes\nNoSuchOption yes\nPubkeyAuthentication no\n%s\n' \
	    'PasswordAuthentication no' >/etc/ssh/sshd_config
	is "sshd: a configuration that it refuses" "$(sshd_ids)" \
	    'sshd-not-asked '
	printf 'AuthenticationMethods publickey\n' \
	    >/etc/ssh/sshd_config.d/20-b.conf
	printf 'AuthenticationMethods keyboard-interactive\n' \
	    >/etc/ssh/sshd_config.d/10-a.conf
	printf 'UsePAM no\n' >/etc/ssh/sshd_config.d/00-c.conf.off
	both_say "included in order" '' <<-CONFIG
	Include sshd_config.d/*.conf
	$base
	CONFIG
	rm -f /etc/ssh/sshd_config.d/10-a.conf
	both_say "included by its path" 'sshd-key-alone users root' <<-CONFIG
	$base
	Include /etc/ssh/sshd_config.d/*.conf
	AuthenticationMethods keyboard-interactive
	CONFIG
	both_say "included in a block" 'sshd-key-alone root
sshd-match ' <<-CONFIG
	$base
	AuthenticationMethods keyboard-interactive
	Match User root
		Include /etc/ssh/sshd_config.d/*.conf
	CONFIG
}

# A key that is refused afterwards, and nothing else to come in by.
enforced() {
	printf 'account required %s enforce\n' "$MFA_MODULE" >>/etc/pam.d/sshd
	both_say "a key alone, and enforce" 'sshd-key-refused users root
sshd-no-prompt users root' <<-CONFIG
	$base
	AuthenticationMethods publickey
	CONFIG
	both_say "a key alone or a prompt, and enforce" \
	    'sshd-key-refused users root' <<-CONFIG
	$base
	AuthenticationMethods publickey keyboard-interactive
	CONFIG
}

printf '@include common-auth\nauth required %s\n%s\n' "$MFA_MODULE" \
    '@include common-account' >/etc/pam.d/sshd
rm -f /etc/ssh/sshd_config.d/*
sshd_twice
rm -f /etc/ssh/sshd_config.d/*
enforced
done_testing
