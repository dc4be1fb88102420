#!/bin/bash
# SPDX-License-Identifier: MIT
#
# libmedusa_mfa and both examples, built as an application's author would build
# them and run by root, by a realm's account and by ordinary users (R21, R31).
# shellcheck disable=SC2154,SC2034

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

folder=/usr/local/share/mfa-examples
question='Code, METHOD CODE, or send: '
ttl=30   # the least that is allowed

for tool in cc pkg-config protoc xxd; do
	command -v "$tool" >/dev/null || skip_all "no $tool"
done
/usr/bin/python3 -c 'import google.protobuf' 2>/dev/null ||
    skip_all "no python3-protobuf"

# The phone: takes the key from the screen; AT is the time that it believes.
cat >/usr/local/bin/phone <<'PHONE'
#!/bin/bash
[ -z "$SEEN" ] || sed -n 's/^Key: //p' <<<"$SEEN" | grep . >/tmp/key
oathtool --totp -b -N "${1:-now}" - </tmp/key
PHONE
chmod 0755 /usr/local/bin/phone

lib_folder() {
	printf '%s\n' 'include Makefile' \
	    "sdk-libdir: ; @printf '%s\\n' '\$(libdir)'" |
	    make -s -C "$host_build" -f - sdk-libdir
}

build() {
	local lib
	lib=$(lib_folder)
	# where a package would have put it, it would be known already
	export PKG_CONFIG_PATH=$lib/pkgconfig
	ldconfig "$lib"
	mkdir -p "$folder"
	cp "$host_top"/docs/examples/{Makefile,protect.c,protect.py} "$folder"
	runs "both examples build with pkg-config and protoc alone" \
	    make -C "$folder" CFLAGS="-Wall -Wextra -Werror"
	# shellcheck disable=SC2046
	runs "so does another application" cc -Wall -Wextra -Werror \
	    -o /usr/local/bin/sdktry "$host_top/tests/host/sdktry.c" \
	    $(pkg-config --cflags --libs medusa-mfa)
	is "it needs the library and libc" \
	    "$(readelf -dW /usr/local/bin/sdktry |
	        sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | xargs)" \
	    "libc.so.6 libmedusa_mfa.so.1"
	if command -v c++ >/dev/null; then
		# shellcheck disable=SC2046
		runs "the header is C++, too" c++ -Wall -Wextra -Werror \
		    -fsyntax-only -x c++ $(pkg-config --cflags medusa-mfa) - \
		    <<<'#include <medusa_mfa.h>'
	else
		skip "the header is C++, too" "no c++"
	fi
	cp "$host_top/tests/host/sdktry.py" /usr/local/bin/sdktry.py
}

# try ARGUMENT...: through the library, as root.
try() {
	timeout 60 sdktry "$@" 2>&1
}

# run_as USER COMMAND...: root itself without setpriv.
run_as() {
	local user=$1
	shift
	if [ "$user" = root ]; then "$@"; else as "$user" "$@"; fi
}

# protect PROGRAM CALLER REALM SUBJECT <SCRIPT: the example at a terminal.
protect() {
	local program=$1 caller=$2 realm=$3 subject=$4 command=()
	: >"/tmp/ledger-$subject"
	chown "$caller" "/tmp/ledger-$subject"
	[ "$caller" = root ] || command=(setpriv "--reuid=$caller"
	    "--regid=$caller" --init-groups --)
	converse -- "${command[@]}" env PYTHONDONTWRITEBYTECODE=1 \
	    "$folder/$program" ${realm:+-r "$realm"} "$subject" \
	    "/tmp/ledger-$subject"
}

# deleted NAME SUBJECT SEEN, kept NAME SUBJECT SEEN: the ledger is.
deleted() {
	if [ -e "/tmp/ledger-$2" ]; then not_ok "$1" "$3"; else ok "$1"; fi
}
kept() {
	if [ -e "/tmp/ledger-$2" ] && [[ $3 != *"converse: line"* ]]; then
		ok "$1"
	else
		not_ok "$1" "$3"
	fi
}

# The packet that docs/protocol.md shows.
documented() {
	local proto
	proto=$(pkg-config --variable=wire_proto medusa-mfa)
	is "the packet in protocol.md is a Hello of versions 2 and 3" \
	    "$(grep -m 1 -xE '([0-9a-f]{2} )+[0-9a-f]{2}' \
	        "$host_top/docs/protocol.md" | xxd -r -p |
	        protoc -I"${proto%/*}" --decode=mfa.wire.Request "$proto" |
	        xargs)" "hello { lowest: 2 highest: 3 }"
}

# ---- the examples ----

# whole_life PROGRAM CALLER REALM SUBJECT: enrol, wrong, right, replayed,
# recovery code.
whole_life() {
	local program=$1 caller=$2 realm=$3 subject=$4 name out recovery
	name="$program by $caller in ${realm:-unix}"
	settle 8
	out=$(protect "$program" "$caller" "$realm" "$subject" <<-SCRIPT
	? Code from your app:
	! 12
	? not confirmed
	? Code from your app:
	% phone '30 seconds ago'
	? $question
	! 12
	? refused
	? $question
	% phone
	? deleted
	SCRIPT
	)
	is "$name: status" "$?" 0
	deleted "$name: enrolled, wrong, right: done" "$subject" "$out"
	is "$name: recovery codes" "$(grep -c '^Recovery code: ' <<<"$out")" 10
	like "$name: methods" "$out" 'Methods: .*totp'
	recovery=$(sed -n 's/^Recovery code: \([0-9A-Z-]*\).*/\1/p' <<<"$out" |
	    head -n 1)
	out=$(protect "$program" "$caller" "$realm" "$subject" <<-SCRIPT
	? $question
	% phone
	? refused
	? $question
	! totp $recovery
	? refused
	? $question
	~ \\n
	SCRIPT
	)
	is "$name: replayed: status" "$?" 1
	kept "$name: a used code is refused, a recovery code is no totp" \
	    "$subject" "$out"
	out=$(protect "$program" "$caller" "$realm" "$subject" <<-SCRIPT
	? $question
	! recovery_code $recovery
	? deleted
	SCRIPT
	)
	deleted "$name: a recovery code" "$subject" "$out"
	out=$(protect "$program" "$caller" "$realm" "$subject" <<-SCRIPT
	? $question
	! $recovery
	? refused
	? $question
	~ \\x04
	SCRIPT
	)
	kept "$name: not twice" "$subject" "$out"
}

# said PROGRAM ARGUMENT...: at no terminal; all that it says, then its status.
said() {
	local program=$1
	shift
	PYTHONDONTWRITEBYTECODE=1 timeout 60 "$folder/$program" "$@" \
	    </dev/null 2>&1
	echo "status $?"
}

# What a person types or passes by mistake ends in one line.
mistakes() {
	local program out long what realm subject
	long=$(head -c 300 /dev/zero | tr '\0' x)
	for program in protect protect.py; do
		like "$program: no ledger: said before a code is asked for" \
		    "$(said "$program" -r shop edda /tmp/no-ledger | xargs)" \
		    '^[^ ]+ .*[Nn]o such file.* status 1$'
		touch /tmp/ledger-x
		while read -r what realm subject; do
			out=$(said "$program" -r "$realm" "${subject#-}" \
			    /tmp/ledger-x)
			like "$program: $what: one line" "$(xargs <<<"$out")" \
			    '^protect: .* status [12]$'
			is "$program: $what: and no traceback" \
			    "$(wc -l <<<"$out")" 2
		done <<-CASES
		no-label Shop/ edda
		long-realm $long edda
		long-subject shop $long
		no-subject shop -
		CASES
		out=$(protect "$program" root shop edda <<-SCRIPT
		? $question
		! $long
		? this cannot be a code
		SCRIPT
		)
		kept "$program: an answer of 300 bytes is refused here" edda \
		    "$out"
		out=$(protect "$program" root shop edda <<-SCRIPT
		? $question
		~ \\xff\\xc3\\n
		? refused
		? $question
		~ \\x03
		SCRIPT
		)
		is "$program: Ctrl-C: status" "$?" 130
		kept "$program: bytes that are no UTF-8, then Ctrl-C" edda "$out"
		unlike "$program: no traceback" "$out" 'Traceback'
	done
	like "protect: the library says what is wrong with a realm" \
	    "$(said protect -r Shop/ edda /tmp/ledger-x)" \
	    "^protect: realm: value not allowed here"
	like "protect.py: a subject that is no UTF-8" \
	    "$(said protect.py -r shop $'edda\xff' /tmp/ledger-x)" \
	    '^protect: refused: subject: not UTF-8'
	like "protect.py: a subject that is too long" \
	    "$(said protect.py -r shop "$long" /tmp/ledger-x)" \
	    '^protect: refused: subject: at most 256 bytes'
	rm -f /tmp/ledger-x
}

# Who gives up leaves a pending factor: four of them leave no room.
left_behind() {
	local n id
	for n in 1 2 3 4; do
		read -r id _ <<<"$(as shopd sdktry -r shop enroll gabi "p$n")"
		like "factor $n is left behind" "$id" '^[0-9a-f]{16}$'
	done
	like "there is no room for a fifth" \
	    "$(as shopd sdktry -r shop enroll gabi p5)" '^error 27 '
	runs "removing one" as shopd sdktry -r shop disable gabi "$id"
	unlike "makes room" "$(as shopd sdktry -r shop enroll gabi p5)" '^error'
}

own_subject() {
	local program out
	new_users carl
	add_users dora
	for program in protect protect.py; do
		out=$(protect "$program" carl "" carl <<-SCRIPT
		? $question
		! $(wrong_code carl)
		? refused
		? $question
		! $(recovery_code carl "$((${#program} % 5 + 1))")
		? deleted
		SCRIPT
		)
		deleted "$program: an ordinary user about himself" carl "$out"
		out=$(protect "$program" carl "" dora </dev/null)
		kept "$program: not about another" dora "$out"
		like "$program: and is told so" "$out" 'only root'
		out=$(protect "$program" dora "" dora </dev/null)
		kept "$program: one who is not enrolled cannot enrol himself" \
		    dora "$out"
		out=$(protect "$program" carl shop carl </dev/null)
		kept "$program: nor in a realm of others" carl "$out"
	done
}

# ---- challenges ----

# shop_user NAME: enrolled in the realm shop, by its account.
shop_user() {
	local out id
	out=$(as shopd sdktry -r shop enroll "$1" phone) || {
		not_ok "enrol $1 in the shop" "$out"
		return
	}
	read -r id "secret[$1]" _ <<<"$out"
	algorithm[$1]=sha1 digits[$1]=6 period[$1]=30
	settle 3
	out=$(as shopd sdktry -r shop confirm "$1" "$id" "$(code "$1" -1)")
	recovery[$1]=$(grep -v '^codes' <<<"$out")
	like "enrol $1 in the shop" "$out" '^codes 10$'
}

# each_client FUNCTION...: with the library (try), then with the protocol.
each_client() {
	local client
	for client in try protocol; do
		"$@"
	done
}

challenges() {
	local id other n=1 used
	[ "$client" = try ] || n=4
	id=$(ask_as shopd -r shop start anna)
	like "$client: a challenge" "$id" '^[0-9a-f]{32}\.'
	like "$client: a wrong code" \
	    "$(ask_as shopd -r shop verify "$id" "$(wrong_code anna)")" \
	    '^left=[1-9]'
	like "$client: the code of another" "$(ask_as shopd -r shop verify \
	    "$id" "$(recovery_code berta "$n")")" '^left=[1-9]'
	like "$client: the account of another realm may not" \
	    "$(ask_as stored -r store verify "$id" \
	        "$(recovery_code anna "$n")")" 'error 22 '
	like "$client: nor may a user" "$(ask_as carl verify "$id" \
	    "$(recovery_code anna "$n")")" 'error 22 '
	used=$(recovery_code anna "$n")
	like "$client: right, in another process" \
	    "$(ask_as shopd -r shop verify "$id" "$used")" \
	    '^accepted recovery_code'
	like "$client: a consumed challenge" "$(ask_as shopd -r shop verify \
	    "$id" "$(recovery_code anna $((n + 1)))")" \
	    '^left=0 (error 38|refused)|^error 38 '
	other=$(ask_as shopd -r shop start anna)
	unlike "$client: a used code at another challenge" \
	    "$(ask_as shopd -r shop verify "$other" "$used")" '^accepted'
	like "$client: which is still good for another code" \
	    "$(ask_as shopd -r shop verify "$other" \
	        "$(recovery_code anna $((n + 1)))" recovery_code)" '^accepted'
	for other in "" x "${id%?}" "${id:0:32}" "${id/./.x}" \
	    "00000000000000000000000000000000.${id#*.}"; do
		unlike "$client: no challenge: ${other:0:36}" \
		    "$(ask_as shopd -r shop verify "$other" \
		        "$(recovery_code anna $((n + 2)))")" '^accepted'
	done
	like "$client: root may do all" "$(ask_as root -r shop verify \
	    "$(ask_as root -r shop start anna)" \
	    "$(recovery_code anna $((n + 2)))")" '^accepted'
}

# ask_as USER ARGUMENT...: with the client of each_client.
ask_as() {
	local user=$1 command=(sdktry)
	shift
	[ "$client" = try ] || command=(/usr/bin/python3
	    /usr/local/bin/sdktry.py "$folder")
	run_as "$user" timeout 60 "${command[@]}" "$@" 2>&1
}

crossed() {
	local id
	id=$(as shopd sdktry -r shop start berta)
	client=protocol
	like "begun by the library, answered through the protocol" \
	    "$(ask_as shopd -r shop verify "$id" "$(recovery_code berta 8)")" \
	    '^accepted'
	id=$(ask_as shopd -r shop start berta)
	like "and the other way round" "$(as shopd sdktry -r shop verify \
	    "$id" "$(recovery_code berta 9)")" '^accepted'
}

# Eight conversations at most of one user, so sixteen are root's.
parallel_answers() {
	local id n pids=()
	id=$(try -r shop start berta)
	for n in $(seq 16); do
		try -r shop verify "$id" "$(recovery_code berta 10)" \
		    >"/tmp/answer$n" &
		pids+=($!)
	done
	wait "${pids[@]}"
	is "sixteen right answers at once: one is accepted (R6)" \
	    "$(cat /tmp/answer* | grep -c '^accepted')" 1
	rm -f /tmp/answer*
}

evicted_and_worn_out() {
	local ids=() n out
	for n in 1 2 3 4 5; do
		ids+=("$(try -r shop start edda)")
	done
	unlike "five challenges: the first gave way" \
	    "$(try -r shop verify "${ids[0]}" "$(recovery_code edda 1)")" \
	    '^accepted'
	like "the last did not" \
	    "$(try -r shop verify "${ids[4]}" "$(recovery_code edda 1)")" \
	    '^accepted'
	for n in $(seq 20); do
		out=$(try -r shop verify "${ids[3]}" "00000$((n % 10))")
		[[ $out = left=0* ]] && break
	done
	like "wrong answers wear a challenge out" "$out" '^left=0 error'
	unlike "then the right one is refused" \
	    "$(try -r shop verify "${ids[3]}" "$(recovery_code edda 2)")" \
	    '^accepted'
}

manage() {
	local request
	is "list" "$(as shopd sdktry -r shop list berta)" "phone totp enabled"
	runs "rename" as shopd sdktry -r shop rename berta phone tablet
	is "renamed" "$(as shopd sdktry -r shop list berta)" \
	    "tablet totp enabled"
	like "new recovery codes" \
	    "$(as shopd sdktry -r shop recovery berta)" '^codes 10$'
	unlike "void the old ones" "$(try -r shop verify \
	    "$(try -r shop start berta)" "$(recovery_code berta 7)")" \
	    '^accepted'
	for request in "enroll x" "confirm berta tablet 123456" "list berta" \
	    "rename berta tablet x" "disable berta tablet" "recovery berta" \
	    "status berta" "start berta"; do
		# shellcheck disable=SC2086
		like "another realm's account may not: ${request%% *}" \
		    "$(as stored sdktry -r shop $request)" '^error 22 '
		# shellcheck disable=SC2086
		like "nor a realm's account in unix: ${request%% *}" \
		    "$(as shopd sdktry ${request/berta/carl})" '^error 22 '
	done
	like "no such realm" "$(try -r nowhere status berta)" '^error 40 '
	like "a realm's anna is not the host's" "$(try status anna)" \
	    'enrolled=0'
	like "disable the last one" \
	    "$(as shopd sdktry -r shop disable berta tablet &&
	        as shopd sdktry -r shop status berta)" '^enrolled=0 '
	is "who is not enrolled passes where policy says so" \
	    "$(as shopd sdktry -r shop start berta)" free
	like "no delivered codes where that is off" \
	    "$(try -r shop send "$(try -r shop start edda)")" '^error '
}

without_listener() {
	way_stop
	like "without a listener the library starts a verifier for root" \
	    "$(try -r shop status anna)" '^enrolled=1 '
	like "for others there is none" \
	    "$(as shopd sdktry -r shop status anna)" '^error 32 '
	client=protocol
	like "nor through the protocol" \
	    "$(ask_as shopd -r shop start anna)" 'error 0 no verifier'
	no_zombies "no zombies"
	way_start listening
}

unsafe_place() {
	client=protocol
	chown stored "$MFA_RUN"
	like "a socket in a folder of others: the library" \
	    "$(as shopd sdktry -r shop status anna)" '^error 6 '
	like "a socket in a folder of others: the protocol" \
	    "$(ask_as shopd -r shop start anna)" "not root's alone"
	chown root "$MFA_RUN"
}

# ---- all of it ----

build
documented
add_users shopd stored anna
conf "[mfa]\nchallenge_ttl_seconds = $ttl
[realm shop]\naccount = shopd\nissuer = Shop\nproviders = totp recovery_code
[realm store]\naccount = stored\nissuer = Store\nproviders = totp recovery_code"
way_start listening
add_users rosa rosi
shop_user edda
late=$(try -r shop start edda)
began=$EPOCHSECONDS
like "a challenge to be answered too late" "$late" '^[0-9a-f]{32}\.'
whole_life protect root "" rosa
whole_life protect.py root "" rosi
whole_life protect shopd shop customer-1
whole_life protect.py shopd shop "Customer 2"
own_subject
mistakes
left_behind
shop_user anna
shop_user berta
each_client challenges
crossed
parallel_answers
manage
without_listener
unsafe_place
left=$((began + ttl + 2 - EPOCHSECONDS))
[ "$left" -le 0 ] || sleep "$left"
like "an expired challenge" \
    "$(try -r shop verify "$late" "$(recovery_code edda 9)")" \
    '^left=0 error 38 |^error 38 '
evicted_and_worn_out
done_testing
