#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Inside the sandbox: shows a user with a second factor, from set-up to log
# lines.  Ends with a status other than 0 when anything does not behave.
#
#   demo.sh BUILD-FOLDER
set -u

lib=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
talk=/run/mfa-test/talk
export OATH=/run/mfa-test/oath

bold='' plain=''
[ ! -t 1 ] || { bold=$'\e[1m' plain=$'\e[0m'; }

title() {
	printf '\n%s== %s%s\n' "$bold" "$*" "$plain"
}

give_up() {
	printf '\nThe demonstration failed: %s\n' "$*" >&2
	[ ! -s "$talk" ] || sed 's/^/  | /' "$talk" >&2
	exit 1
}

# login EXPECTED CODE: demo's login to the service "demo", by pamtester.
login() {
	local expected=$1 status
	printf '   password: ******    code: %s    ' "$2"
	printf '%s\n' secret "$2" |
	    pamtester demo demo authenticate acct_mgmt >"$talk" 2>&1
	status=$?
	if [ "$status" = 0 ]; then echo "-> let in"; else echo "-> refused"; fi
	case $expected,$status in
	in,0) return ;;
	out,[1-9]*) grep -q 'Authentication failure' "$talk" && return ;;
	esac
	give_up "this login should have been the other way"
}

current_code() {
	oathtool --totp -b - <"$OATH"
}

"$lib/install.sh" --no-setup "$1" || give_up "it does not install"
# shellcheck source=/dev/null
. /run/mfa-test/paths
mfa=$MFA_BIN/medusa-mfa

title "1. Set up the machine:  medusa-mfa setup"
"$mfa" setup || give_up "setup"

title "2. A user 'demo', and a service that asks for password and code"
{ useradd --no-create-home demo && chpasswd; } <<<demo:secret ||
    give_up "cannot make a user"
# retry=1: in these logins nobody answers a second time
tee /etc/pam.d/demo <<EOF_PAM || give_up "cannot write /etc/pam.d/demo"
auth     required  pam_unix.so
auth     required  $MFA_MODULE retry=1
account  required  pam_unix.so
EOF_PAM

title "3. demo enrols an authenticator app:  medusa-mfa enroll --user demo"
# The "phone" is oathtool: it takes the key that is on the screen.  It is half a
# minute late, so that the code that it shows next is another one.
left=$((30 - $(date +%s) % 30))
[ "$left" -gt 4 ] || sleep "$left"
"$lib/converse" -t 90 -- "$mfa" enroll --user demo >"$talk" 2>/dev/null <<'SCRIPT'
? Key: .*\n
? Code from your app:
% sed -n 's/^Key: //p' <<<"$SEEN" | tr -d ' ' >"$OATH"; oathtool --totp -b -N '30 seconds ago' - <"$OATH"
? enabled
SCRIPT
status=$?
cat "$talk"
[ "$status" = 0 ] || give_up "enrolment ended with status $status"
recovery=$(grep -oE '([0-9A-Z]{4}-){5}[0-9A-Z]{4}' "$talk" | head -n 1)
[ -n "$recovery" ] || give_up "there are no recovery codes"

title "4. Logins, through the real libpam"
code=$(current_code)
wrong=$(printf '%06d' $(((10#$code + 500000) % 1000000)))
echo "A wrong code:"
login out "$wrong"
echo "The code that the app shows:"
login in "$code"
echo "The same code again, as somebody would who looked over demo's shoulder:"
login out "$code"
echo "The phone is lost; a recovery code:"
login in "$recovery"
echo "The same recovery code again:"
login out "$recovery"

title "5. What the log says (authpriv, as in the journal or auth.log)"
sed -n 's/^authpriv\.[a-z]* //p' /var/log/test.log | grep 'event='
grep -q 'event=challenge.verified' /var/log/test.log ||
    give_up "the log lacks the login"

title "6. What the administrator sees:  medusa-mfa status --user demo"
"$mfa" status --user demo || give_up "status"

title "What happened"
cat <<'TEXT'
A scratch copy of this system, in memory, got the module, the verifier and the
command. demo's key lies there in a sealed record that only the verifier reads.
Each code was good once; wrong ones were counted before they were compared.
Nothing of it is left now, and nothing of the real system was touched.

On a real machine:
  1. ./configure --prefix=/usr --sysconfdir=/etc --localstatedir=/var \
         --runstatedir=/run --libdir=/usr/lib/$(gcc -print-multiarch)
     make && sudo make install && sudo medusa-mfa setup
  2. keep a second root session open until all works
  3. sudo medusa-mfa enroll --user YOU, and keep the recovery codes
  4. try it: sudo medusa-mfa verify --user YOU
  5. add the module to a service, first to one you can do without; the README
     and pam_medusa_mfa(8) say how, and how to go back
TEXT
