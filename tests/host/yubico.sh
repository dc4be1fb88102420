#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A provider from outside (R23): Yubico OTP, built here, outside the tree, with
# cc and OpenSSL.  Yubico's published answers, and what has to be refused (R6);
# its logins are in yubico_logins.sh.
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/yubico.sh
. "$host_lib/yubico.sh"

# Yubico's, for vector_token.
vector_answer=dteffujehknhfjbrjnlnldnhcujvddbikngjrtgh
# Another published one, of a real key.
real_token='enrlucvketdl 912a644bbc7b 4013a2c719c4e9734bbc63048b00e16b'
real_answer=enrlucvketdlfeknvrdggingjvrggeffenhevendbvgd

contract='medusa-mfa-provider 1\n'

# ask TEXT: the reply to a question.
ask() {
	printf '%b' "$1" | "$work/yubico_otp"
}

# enrol_token SETUP: the reply to it.
enrol_token() {
	ask "${contract}operation: enroll\ntime: 1800000000\nsetup: $1\n"
}

# check KEPT ANSWER: the reply to it.
check() {
	ask "${contract}operation: check\ntime: 1800000000\nkept: $1\nanswer: $2\n"
}

kept_of() {
	sed -n 's/^kept: //p' <<<"$1"
}

# accepts NAME ANSWER: and keeps what the program wants kept, 43 bytes.
accepts() {
	local reply
	reply=$(check "$kept" "$2")
	kept=$(kept_of "$reply")
	is "$1" "$reply, ${#kept}" "verdict: accept
kept: $kept, 86"
}

# refuses NAME ANSWER
refuses() {
	is "$1" "$(check "$kept" "$2")" 'verdict: refuse'
}

published() {
	local last
	kept=$(kept_of "$(enrol_token "$vector_token")")
	accepts "Yubico's own test vector" "$vector_answer"
	last=${kept: -6}
	is "its counters: use 0x0013, session 0x11" "$last" 001311
	refuses "it is accepted once" "$vector_answer"
	is "the generator makes the same" \
	    "$(press "$vector_token" 19 17 49712 40904)" "$vector_answer"

	kept=$(kept_of "$(enrol_token "$real_token")")
	accepts "a real key's first answer" "$real_answer"
	last=${kept: -6}
	is "its counters: use 1, session 0" "$last" 000100
	is "the generator makes the same" \
	    "$(press "$real_token" 1 0 688051 55936)" "$real_answer"
}

counters() {
	kept=$(kept_of "$(enrol_token "$token")")
	accepts "the first press" "$(press "$token" 1 0)"
	refuses "the same answer again" "$(press "$token" 1 0)"
	refuses "the same counters, other random bytes" \
	    "$(press "$token" 1 0 77 88)"
	accepts "the second press" "$(press "$token" 1 1)"
	refuses "the first one after it" "$(press "$token" 1 0)"
	accepts "presses may be lost" "$(press "$token" 1 200)"
	accepts "plugged in again: the session begins anew" \
	    "$(press "$token" 2 0)"
	refuses "a higher session of the use before" "$(press "$token" 1 255)"
	accepts "caps lock is no counter" "$(press "$token" $((0x8000 + 3)) 0)"
	refuses "nor does it make an answer new" "$(press "$token" 3 0)"
	accepts "the last use of all" "$(press "$token" 32767 255)"
	refuses "nothing comes after it" "$(press "$token" 0 1)"
}

others() {
	local right=
	kept=$(kept_of "$(enrol_token "$token")")
	right=$(press "$token" 5 5)
	refuses "another key" "$(press \
	    'cccccccb 0123456789ab 000102030405060708090a0b0c0d0e00' 5 5)"
	refuses "another private id" "$(press \
	    'cccccccb 0123456789ac 000102030405060708090a0b0c0d0e0f' 5 5)"
	refuses "another public id" "$(press \
	    'cccccccd 0123456789ab 000102030405060708090a0b0c0d0e0f' 5 5)"
	refuses "a token of somebody else" "$(press "$vector_token" 5 5)"
	refuses "nothing" ""
	refuses "the public id alone" cccccccb
	refuses "without the public id" "${right#cccccccb}"
	refuses "one character less" "${right%?}"
	refuses "one more" "${right}c"
	refuses "a character that is not modhex" "${right%?}a"
	refuses "upper case" "${right^^}"
	refuses "six digits" 492039
	refuses "a sentence" "Correct Horse battery staple"
	refuses "a block of zeros" "cccccccbcccccccccccccccccccccccccccccccc"
	accepts "and still the right one" "$right"
}

# Every character of an answer counts.
changed() {
	local right at letter wrong bad=
	kept=$(kept_of "$(enrol_token "$token")")
	right=$(press "$token" 5 5)
	for ((at = 0; at < ${#right}; at++)); do
		letter=${right:at:1}
		for wrong in c v; do
			[ "$wrong" != "$letter" ] || continue
			[ "$(check "$kept" \
			    "${right:0:at}$wrong${right:at+1}")" = \
			    'verdict: refuse' ] || bad+=" $at$wrong"
		done
	done
	is "one changed character is refused, anywhere" "$bad" ""
}

setups() {
	local setup
	for setup in "" dteffuje "dteffuje 8792ebfe26cc" \
	    "dteffujx 8792ebfe26cc ecde18dbe76fbd0c33330f1c354871db" \
	    "dteffuje 8792ebfe26c ecde18dbe76fbd0c33330f1c354871db" \
	    "dteffuje 8792ebfe26cc ecde18dbe76fbd0c33330f1c354871d" \
	    "dteffuje 8792ebfe26cc ecde18dbe76fbd0c33330f1c354871db00" \
	    "dteffuje 8792ebfe26cc ecde18dbe76fbd0c33330f1c354871DB" \
	    "ccccccccccccccccc 8792ebfe26cc ecde18dbe76fbd0c33330f1c354871db" \
	    " 8792ebfe26cc ecde18dbe76fbd0c33330f1c354871db" \
	    "$vector_token more"; do
		is "no token: '$setup'" "$(enrol_token "$setup")" 'verdict: refuse'
	done
}

# A question that is none: no verdict at all, and a status that says so.
questions() {
	local head="${contract}operation: check\ntime: 1\n" question
	kept=$(kept_of "$(enrol_token "$token")")
	for question in "" "\n" "medusa-mfa-provider 2\noperation: check\n" \
	    "$head" "${head}kept: $kept\n" "${head}kept: $kept\nanswer: x" \
	    "${head}kept: $kept\nanswer: x\n\n" "${head}kept: 00\nanswer: x\n" \
	    "${head}answer: x\nkept: $kept\n" \
	    "${head}kept: ${kept%??}\nanswer: x\n" \
	    "${head}kept: ${kept}00\nanswer: x\n" \
	    "${head}kept: 02${kept#??}\nanswer: x\n" \
	    "${head}kept: $kept\nanswer: \0000x\n" \
	    "${contract}operation: list\ntime: 1\nsetup: x\n"; do
		fails "no question: '${question:0:60}'" ask "$question"
		is "nothing is said" "$(ask "$question" 2>&1)" ""
	done
}

build_yubico
ok "it builds alone, with cc and -lcrypto"
published
counters
others
changed
setups
questions
rm -rf "$work"
done_testing
