#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What is written: licence lines, manual pages, spelling, scripts, error texts,
# and words of C that do not belong where they are.

# shellcheck source=tree.bash
. "$(dirname "$0")/tree.bash"
cd "$srcdir" || exit 1

# ---- licence ----

spdx='SPDX-License-Identifier: MIT'

unlicensed() {
	local file
	for file in "${c_files[@]}"; do
		[ "$(head -n 1 "$file")" = "/* $spdx */" ] || echo "$file"
	done
	while read -r file; do
		head -n 3 "$file" | grep -qF "$spdx" || echo "$file"
	done < <({
		scripts 'sh|bash|python3'
		files '*.am' '*.ac' '*.m4' '*.proto' '*.options' '*.[1-8]' \
		    '*.service' '*.socket' '*.supp'
	} | sort -u)
}

# ---- calls ----

# code FILE...: "file:line:text" without comments and strings.
code() {
	/usr/bin/python3 - "$@" <<'PYTHON'
import re
import sys
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as source:
        text = source.read()
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())
    text = re.sub(r'/\*.*?\*/|//[^\n]*', blank, text, flags=re.S)
    text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            print(f"{name}:{number}:{line}")
PYTHON
}

# calls REGEX FOLDER...: where a function of such a name is named.
calls() {
	local regex=$1 folders
	shift
	folders=$(IFS='|'; printf '%s' "$*")
	grep -E "^($folders)/" "$all_code" |
	    grep -E "^[^:]*:[0-9]*:(.*[^A-Za-z0-9_.>])?($regex)[[:space:]]*\("
}

never='getenv|secure_getenv|setenv|putenv|unsetenv|system|popen|alarm'
unsafe='strcpy|stpcpy|strcat|strncat|v?sprintf|gets|rand|srand|random|drand48|strtok|strtok_r|mktemp|tmpnam|tempnam|scanf|sscanf|fscanf|atoi|atol|alloca'

# Compared byte by byte, so never a secret: how often, where, and what it is.
# Secrets: mfa_secret_equal, mfa_crypt_equal.
comparisons='
pam_medusa_mfa/args.c         1 names of arguments
pam_medusa_mfa/bound.c        2 names of users and services
pam_medusa_mfa/seat.c         1 names of terminals
pam_medusa_mfa/who.c          1 names of methods
programs/deliver_mail.c       1 words of the command line
programs/delivery.c           2 names of lines
programs/import_pskc.c        8 names of users, suites and algorithms
programs/mail_config.c        2 section and option names
programs/mail_options.c       7 words of the configuration
programs/notice.c             3 names of events and realms
utils/after_restore.c         1 names of realms
utils/ask.c                   1 sentences
utils/commands.c              3 names of commands
utils/config.c                3 words of the command line, the edited file
utils/doctor/pam_explore.c    1 states of a stack
utils/doctor/settings.c       1 names of files
utils/doctor/tree.c           1 names of files
utils/doctor/word.c           4 words of configuration files
utils/enroll.c                1 names of users
utils/factor.c                13 names of providers, factors and states
utils/grant_many.c            2 names of users, words of the command line
utils/import.c                2 words of the command line
utils/import/choose.c         2 names of users
utils/import/google.c         1 names of options
utils/import/homes.c          2 names of variables
utils/import/oath.c           1 names of types
utils/import/otpauth.c        5 schemes, names of parameters and algorithms
utils/import/read.c           1 words of the command line
utils/import/take.c           2 names of users
utils/key.c                   1 words of the command line
utils/key_list.c              2 ids of keys
utils/main.c                  1 words of the command line
utils/options.c               6 names of options and of their values
utils/rekey.c                 2 ids of keys
utils/session.c               1 words of a person
utils/setup.c                 1 names of shells and folders
utils/show.c                  4 the locale, the kind of terminal
utils/store.c                 4 words of the command line, names of realms and findings
utils/term.c                  2 yes or no
utils/users.c                 2 words of the command line, names of users
utils/verify.c                1 words of a person
utils/whose.c                 1 names of realms
verifier/check.c              2 names of files and users
verifier/check_programs.c     1 paths of programs
verifier/config/check.c       1 names of realms and providers
verifier/config/config.c      3 names of files
verifier/config/network.c     2 addresses
verifier/config/options.c     4 words of the configuration
verifier/config/programs.c    2 names of realms and services
verifier/config/read.c        1 a byte order mark
verifier/config/section.c     13 names of sections and options
verifier/config/value.c       9 words of the configuration
verifier/config/value_enroll.c 4 words of the configuration
verifier/config/value_rule.c  3 words of the configuration
verifier/engine/admin.c       2 names of realms
verifier/engine/attempt.c     2 ids of factors
verifier/engine/challenge.c   1 names of methods
verifier/engine/confirm.c     2 ids of factors
verifier/engine/deliver.c     1 ids of factors
verifier/engine/enroll.c      1 ids, labels, names of providers
verifier/engine/entrants.c    3 ids of factors, names of methods
verifier/engine/factors.c     3 ids and labels
verifier/engine/groups.c      1 names of users
verifier/engine/lapse.c       1 ids of boots
verifier/engine/newcomer.c    1 labels
verifier/engine/permit.c      3 ids of records and factors, names of realms
verifier/engine/policy.c      2 names of users
verifier/engine/records.c     3 ids of keys and records, names of realms
verifier/engine/repo.c        3 ids of stores, names of users and realms
verifier/engine/rules.c       1 names of users, services and groups
verifier/engine/subject.c     3 names of realms
verifier/engine/words.c       2 names of methods
verifier/engine/work.c        1 ids of keys
verifier/event/event.c        1 names of realms
verifier/letter.c             2 names of services and realms
verifier/main.c               8 words of the command line
verifier/otp/otpauth.c        1 names of algorithms
verifier/provider/otp.c       1 ids of factors
verifier/provider/outside.c   1 fixed words of a reply
verifier/provider/providers.c 1 names of providers
verifier/provider/setup.c     1 names of algorithms
verifier/requests.c           5 names of realms, marks of a hint
verifier/requests_enroll.c    3 names of providers
verifier/resume.c             2 what its own release has written
verifier/runner.c             1 paths of programs
verifier/runner/safe.c        1 names of files
verifier/serve.c              2 names of realms, configurations
verifier/vault/envelope.c     3 the magic, ids of keys and stores
verifier/vault/keyring.c      8 ids of keys, names of files
verifier/vault/retire.c       1 ids of keys
'

comparing='strn?cmp|strn?casecmp|memcmp|bcmp|strcoll'

unexpected_comparisons() {
	local file count why now all
	all=$(calls "$comparing" "${product[@]}")
	while read -r file count why; do
		[ -n "$file" ] || continue
		now=$(grep "^$file:" <<<"$all" |
		    grep -oE "\b($comparing)[[:space:]]*[(]" | wc -l)
		[ "$now" = "$count" ] ||
		    printf '%s: %d comparisons, %d are known (%s)\n' \
		        "$file" "$now" "$count" "$why"
	done <<<"$comparisons"
	while IFS=: read -r file _; do
		grep -q "^$file " <<<"$comparisons" || grep "^$file:" <<<"$all"
	done < <(sort -u -t : -k 1,1 <<<"$all")
}

# ---- verdicts ----

# body FILE FUNCTION: its lines, without comments.
body() {
	grep "^$1:" "$all_code" | cut -d : -f 3- |
	    sed -n "/^$2(/,/^}/p"
}

# given FOLDER NAME: where this result is given, not compared with.
given() {
	grep -E "^$1/[^:]*:[0-9]*:.*\b$2\b" "$all_code" |
	    grep -vE "[!=]= *$2\b" | grep -vE "\b$2 *[!=]="
}

# given_at FOLDER NAME: the functions in which it is, by file.
given_at() {
	local file line
	given "$@" | while IFS=: read -r file line _; do
		awk -F '\t' -v file="$file" -v line="$line" '
		    $1 == file && line >= $2 && line < $2 + $4 {
			print file ": " $3 }' "$functions"
	done | sort
}

verdicts() {
	functions=$work/functions
	/usr/bin/python3 "$style_dir/functions.py" pam_medusa_mfa/*.c \
	    verifier/*.c verifier/*/*.c >"$functions"
	# What audit.c gives is an argument of libpam's.
	is "PAM_SUCCESS is given in one place for authenticate (R1)" \
	    "$(given_at pam_medusa_mfa PAM_SUCCESS)" "pam_medusa_mfa/audit.c: mfa_audit_lock
pam_medusa_mfa/entry.c: pam_sm_setcred
pam_medusa_mfa/result.c: mfa_result_pam"
	is "PAM_IGNORE is given in one place for authenticate (R2)" \
	    "$(given_at pam_medusa_mfa PAM_IGNORE)" "pam_medusa_mfa/entry.c: pam_sm_acct_mgmt
pam_medusa_mfa/entry.c: pam_sm_chauthtok
pam_medusa_mfa/entry.c: pam_sm_close_session
pam_medusa_mfa/entry.c: pam_sm_open_session
pam_medusa_mfa/result.c: mfa_result_pam
pam_medusa_mfa/result.c: mfa_result_split"
	is "each is named as often as that, tables included" \
	    "$(given pam_medusa_mfa PAM_SUCCESS | wc -l) $(
	        given pam_medusa_mfa PAM_IGNORE | wc -l)" "3 6"
	none "pam_sm_authenticate returns what result.c says, nothing else" \
	    "$(body pam_medusa_mfa/entry.c pam_sm_authenticate |
	        grep -w return | grep -vE 'return mfa_result_(pam|split)\(')"
	# Only there nothing is verified: on the split line.
	is "and what of a split line alone for one" \
	    "$(body pam_medusa_mfa/entry.c pam_sm_authenticate |
	        grep -B 1 'mfa_result_split(' | head -n 1 | tr -d '\t')" \
	    "if (args.split != 0)"
	is "the module sets no item but the password that is left (R20)" \
	    "$(grep -oE '^pam_medusa_mfa/[^:]*:[0-9]*:.*\bpam_set_item\(.*' \
	        "$all_code" | sed -E 's/.*pam_set_item\(pamh, (\w+),.*/\1/' |
	        sort | uniq -c | tr -s ' ')" " 2 PAM_AUTHTOK"
	like "and it does" "$(body pam_medusa_mfa/entry.c pam_sm_authenticate)" \
	    'return mfa_result_pam\('
	none "no number stands for PAM_SUCCESS" \
	    "$(grep -E '^pam_medusa_mfa/[^:]*:[0-9]*:.*\breturn \(?[0-9]' \
	        "$all_code")"
	is "the verifier accepts in one place (R1)" \
	    "$(given_at verifier MFA_VERDICT_ACCEPT)" \
	    "verifier/engine/attempt.c: mfa_attempt_verdict"
	is "and names that verdict nowhere else" \
	    "$(given verifier MFA_VERDICT_ACCEPT | grep -vc ':SAME(')" 1
}

# ---- error texts ----

texts_of_errors() {
	grep -oE '^	\[MFA_[A-Z_]*\] = .*,$|"unknown error"' lib/base/err.c
}

# Between the outer quotes: printable ASCII but " and \.
bad_texts() {
	texts_of_errors | LC_ALL=C grep -vE \
	    '^(	\[MFA_[A-Z_]*\] = )?"[] !#-[^-~]+",?$'
}

errors() {
	local numbers
	numbers=$(sed -n '/^enum mfa_err {/,/^};/p' lib/base/err.h |
	    grep -oE '^	MFA_(OK|ERR_[A-Z_]*)' | grep -vcx '	MFA_ERR_END')
	some "errors" "$numbers"
	is "each has a text" "$(texts_of_errors | grep -c '\[MFA_')" "$numbers"
	none "printable ASCII without \" and \\ (R26)" "$(bad_texts)"
}

# ---- tools ----

pages() {
	local found
	mapfile -t found < <(files '*.[1-8]')
	some "manual pages" "${#found[@]}"
	if command -v mandoc >/dev/null; then
		# which other pages are installed here says nothing; one page at
		# a time, or its two outputs cut each other's lines
		none "mandoc has nothing to say about them" \
		    "$(for page in "${found[@]}"; do
			mandoc -T lint -W style "$page"
		    done 2>&1 | grep -v \
			-e 'referenced manual not found' -e 'outdated mandoc.db')"
	else
		skip "mandoc has nothing to say about them" "no mandoc"
	fi
}

spelling() {
	if ! command -v codespell >/dev/null; then
		skip "spelling" "no codespell"
		return
	fi
	none "spelling" "$(files '*' | grep -vE '^tests/vectors/' |
	    tr '\n' '\0' | xargs -0 codespell -q 3 \
	    --ignore-words-list "$known_words" 2>&1)"
}
known_words=nd   # the macro .Nd of mdoc

scripts_are_clean() {
	local found
	mapfile -t found < <(scripts 'sh|bash')
	some "shell scripts" "${#found[@]}"
	if command -v shellcheck >/dev/null; then
		none "shellcheck has nothing to say about them" \
		    "$(shellcheck -x "${found[@]}" 2>&1)"
	else
		skip "shellcheck has nothing to say about them" "no shellcheck"
	fi
}

# ---- all of it ----

mapfile -t c_files < <(files '*.c' '*.h')
some "C files" "${#c_files[@]}"
none "the first line of each is the licence's" "$(unlicensed)"

if [ -x /usr/bin/python3 ]; then
	work=$(mktemp -d)
	all_code=$work/code
	mapfile -t sources < <(product_files '*.c' '*.h')
	code "${sources[@]}" >"$all_code"
	some "lines of code" "$(wc -l <"$all_code")"
	none "no environment, shell or alarm in module and verifier" \
	    "$(calls "$never" lib protocol pam_medusa_mfa verifier)"
	none "no locale there either (R26)" "$(calls \
	    '(set|new|use|dup)locale|nl_langinfo|d?c?gettext' \
	    lib protocol pam_medusa_mfa verifier)"
	none "no unsafe function anywhere" "$(calls "$unsafe" "${product[@]}")"
	none "no shell in the command" "$(calls 'system|popen' utils)"
	none "each comparison that is not in constant time is known (R15)" \
	    "$(unexpected_comparisons)"
	verdicts
	rm -rf "$work"
else
	skip "words of C" "no /usr/bin/python3"
fi
errors
pages
spelling
scripts_are_clean
done_testing
