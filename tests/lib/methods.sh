# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
#
# Every kind of factor, enrolled and used in one way, for methods.sh.  Sourced
# after host.sh and logins.sh.
#
# WHO is REALM:USER.  HOW is login (libpam) or challenge (libmedusa_mfa, as
# root, or as the realm's account where somebody listens).

all_methods='totp hotp recovery_code otp parrot'
outbox=/run/mfa-test/outbox
keeper=shopd   # the account of the realm shop

# By WHO.  place: step, counter or number that comes next.
declare -A shared place seconds issued

# ---- the programs ----

methods_programs() {
	add_users "$keeper"
	mkdir -m 0700 "$outbox"
	chown medusa-mfa-runner "$outbox"
	# Puts a message where only the runner's account writes.
	cat >/usr/local/bin/deliver <<-DELIVER
	#!/bin/bash
	text=\$(cat)
	to=\$(sed -n 's/^to: //p' <<<"\$text" | head -n 1)
	printf '%s\n' "\$text" >"$outbox/.\$to" &&
	    mv "$outbox/.\$to" "$outbox/\$to"
	DELIVER
	# A provider that knows a word; an answer is WORD-NUMBER, and the
	# numbers must grow.
	cat >/usr/local/bin/parrot <<-'PARROT'
	#!/bin/bash
	declare -A said
	while IFS= read -r line; do
		said[${line%%: *}]=${line#*: }
	done
	accept() {
		printf 'verdict: accept\nkept: '
		printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'
		echo
		exit 0
	}
	[ "${said[operation]}" != enroll ] || accept "${said[setup]}-0"
	kept=$(printf '%b' "$(sed 's/../\\x&/g' <<<"${said[kept]}")")
	answer=${said[answer]}
	[[ ${answer##*-} =~ ^[1-9][0-9]{0,8}$ ]] &&
	    [ "${answer%-*}" = "${kept%-*}" ] &&
	    [ "${answer##*-}" -gt "${kept##*-}" ] && accept "$answer"
	echo 'verdict: refuse'
	PARROT
	chmod 0755 /usr/local/bin/{deliver,parrot}
	runs "an application of the library builds" cc \
	    -o /usr/local/bin/sdktry -I"$host_top/lib/client" \
	    "$host_top/tests/host/sdktry.c" -L"$host_build/lib/.libs" \
	    -lmedusa_mfa "-Wl,-rpath,$host_build/lib/.libs"
}

# methods_conf [LINE]...: all methods on, in both realms.  Lines may begin with
# sections of their own.
methods_conf() {
	local providers='totp hotp otp recovery_code parrot' line text
	text="[provider parrot]\nprogram = /usr/local/bin/parrot
[realm shop]\naccount = $keeper\nproviders = $providers
[otp]\nprogram = /usr/local/bin/deliver\nttl = 30"
	for line; do
		text+="\n$line"
	done
	conf "$text\n[mfa]\nproviders = $providers"
}

# posted WHO: the code that was delivered last; the message is gone then.
posted() {
	local file=$outbox/${1/:/.} try
	for try in $(seq 100); do
		[ -e "$file" ] && break
		sleep 0.02
	done
	sed -n 's/^code: //p' "$file"
	rm -f "$file"
}

# ---- codes ----

random_key() {
	head -c 20 /dev/urandom | base32 -w 0
}

# counted WHO COUNTER: a code of its token.
counted() {
	oathtool --hotp -b -c "$2" - <<<"${shared[$1]}"
}

# timed WHO STEP
timed() {
	oathtool --totp -b -s "${seconds[$1]}s" \
	    -N "@$(($2 * seconds[$1]))" - <<<"${shared[$1]}"
}

# enroll_one WHO PROVIDER KEY [OPTION]...
enroll_one() {
	local who=$1 provider=$2 key=$3
	shift 3
	mfa enroll --realm "${who%%:*}" --user "${who#*:}" --json \
	    --provider "$provider" "$@" <<<"$key" >/dev/null
}

# confirm_one WHO FACTOR CODE: prints recovery codes, if any.
confirm_one() {
	mfa confirm --realm "${1%%:*}" --user "${1#*:}" --json "$2" <<<"$3" |
	    jq -r '.recovery_codes[]?'
}

# make METHOD WHO [PERIOD]: a subject with a factor of that kind.
make() {
	local method=$1 who=$2
	[ "${who%%:*}" != unix ] || add_users "${who#*:}"
	seconds[$who]=${3:-30}
	shared[$who]=$(random_key)
	place[$who]=1
	case $method in
	totp | recovery_code)
		settle 2 "${seconds[$who]}"
		place[$who]=$((EPOCHSECONDS / seconds[$who]))
		enroll_one "$who" totp "${shared[$who]}" --import-secret \
		    --period "${seconds[$who]}"
		issued[$who]=$(confirm_one "$who" totp \
		    "$(timed "$who" $((place[$who] - 1)))")
		;;
	hotp)
		enroll_one "$who" hotp "${shared[$who]}" --import-secret
		confirm_one "$who" hotp "$(counted "$who" 0)" >/dev/null
		;;
	otp)
		enroll_one "$who" otp "" --address "${who/:/.}"
		confirm_one "$who" otp "$(posted "$who")" >/dev/null
		;;
	parrot)
		enroll_one "$who" parrot "${shared[$who]}" --import-secret
		confirm_one "$who" parrot "${shared[$who]}-1" >/dev/null
		place[$who]=2
		;;
	esac
	[ "$method" != recovery_code ] || place[$who]=1
}

# fresh HOW METHOD WHO: the next right code, in $got.  A delivered one is for
# the challenge $id.
fresh() {
	local who=$3 now
	case $2 in
	totp)
		now=$((EPOCHSECONDS / seconds[$who]))
		[ "${place[$who]}" -ge "$now" ] || place[$who]=$now
		got=$(timed "$who" "${place[$who]}")
		;;
	hotp) got=$(counted "$who" "${place[$who]}") ;;
	recovery_code) got=$(sed -n "${place[$who]}p" <<<"${issued[$who]}") ;;
	otp)
		rm -f "$outbox/${who/:/.}"
		if [ "$1" = login ]; then
			pam_result service "${who#*:}" send >/dev/null
		else
			client "$who" send "$id" >/dev/null
		fi
		got=$(posted "$who")
		;;
	parrot) got=${shared[$who]}-${place[$who]} ;;
	esac
	place[$who]=$((place[$who] + 1))
}

# wrong_of METHOD WHO RIGHT: of the form that is compared, and right for nobody.
wrong_of() {
	local n code right
	case $1 in
	recovery_code) echo 0000-1111-2222-3333-4444-5555 ;;
	otp) printf '%08d\n' $(((10#$3 + 1) % 100000000)) ;;
	parrot) echo polly-7 ;;
	totp)
		n=$((EPOCHSECONDS / seconds[$2]))
		right=" $(for code in -2 -1 0 1 2; do
			timed "$2" $((n + code))
		done | xargs) "
		;;
	hotp)
		right=" $(for ((n = 0; n < 13; n++)); do
			counted "$2" $((place[$2] - 2 + n))
		done | xargs) "
		;;
	esac
	[ -n "${right-}" ] || return
	for code in 314159 271828 141421 173205; do
		[[ $right = *" $code "* ]] || break
	done
	echo "$code"
}

# ---- logins and challenges ----

# client WHO ARGUMENT...: the library, by whom it is to be asked.
client() {
	local realm=${1%%:*} caller=()
	shift
	[ "$realm" = unix ] || [ -z "$listener_pid" ] ||
	    caller=(setpriv "--reuid=$keeper" "--regid=$keeper"
	        --init-groups --)
	"${caller[@]}" timeout 60 sdktry -r "$realm" "$@" 2>&1
}

# begin HOW WHO: a challenge's id in $id.
begin() {
	id=
	[ "$1" = login ] || id=$(client "$2" start "${2#*:}")
}

# answer HOW WHO ID CODE: yes or no, or what was said instead.
answer() {
	local said
	if [ "$1" = login ]; then
		said=$(pam_result service "${2#*:}" "$4")
	else
		said=$(client "$2" verify "$3" "$4")
	fi
	case $said in
	success | 'accepted '*) echo yes ;;
	auth_err) echo no ;;
	# no live code, wrong, replayed, locked, or the challenge is over
	left=*' error 4 '* | left=*' error 29 '* | left=*' error 3'[018]' '*)
		echo no ;;
	*) echo "$said" ;;
	esac
}
