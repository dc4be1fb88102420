# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
#
# The example of a provider from outside, tests/host/yubico_otp.c, and tokens
# for it.  Sourced after host.sh.

for tool in cc openssl jq; do
	command -v "$tool" >/dev/null || skip_all "no $tool"
done
here=$host_top/tests/host
work=$(mktemp -d)

# Yubico's: of the test vectors of its C library.
vector_token='dteffuje 8792ebfe26cc ecde18dbe76fbd0c33330f1c354871db'
# Ours.
token='cccccccb 0123456789ab 000102030405060708090a0b0c0d0e0f'

# press TOKEN COUNTER SESSION [TIME RANDOM]: what that token types.
press() {
	# shellcheck disable=SC2086
	/usr/bin/python3 "$here/yubico_token.py" $1 "${@:2}"
}

# build_yubico: outside the tree, to $work/yubico_otp.
build_yubico() {
	local said
	said=$(cc -O2 -Wall -Wextra -Werror -o "$work/yubico_otp" \
	    "$here/yubico_otp.c" -lcrypto 2>&1) && return
	not_ok "it builds alone, with cc and -lcrypto" "$said"
	rm -rf "$work"
	done_testing
}
