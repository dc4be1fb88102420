#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What the code's tables say, the sample and the manual say too: options of the
# configuration with their defaults and ranges, arguments of the module,
# commands and their options.  And what stands in tests/ is in the build's lists
# of tests: one that is not run cannot fail.
#
# The tables are read from the source, the rest as a reader sees it; so a row
# written in another way shows up as a difference.

# shellcheck source=tree.bash
. "$(dirname "$0")/tree.bash"
cd "$srcdir" || exit 1
table=verifier/config/options.c
values=verifier/config/value.h
sample=conf/medusa-mfa.conf
arguments=pam_medusa_mfa/args.c
commands=utils/commands.c

# rows FILE ARRAY: the rows of a table, one a line.
rows() {
	sed -n "/ $2\\[\\] = {\$/,/^};/p" "$1" | sed '1d;$d' | tr '\n\t' '  ' |
	    sed -E 's/([)}]),/\1\n/g' | sed 's/^ *//; s/ *$//; /^$/d'
}

# ---- configuration: "section.name = default (MIN to MAX)" ----
#
# A section that stands once for each name, [realm NAME], goes by its first
# word.  An option without a default has an example: "section.name = required".

option_rows() {
	local scheme
	scheme=$(sed -n 's/^#define MFA_CONFIG_STORE_SCHEME "\(.*\)"$/\1/p' "$values")
	rows "$table" mfa_config_options | sed -E \
	    -e 's,\bMFA_SYSCONFDIR\b,"/etc/medusa-mfa",g' \
	    -e 's,\bMFA_STATEDIR\b,"/var/lib/medusa-mfa",g' \
	    -e "s,\\bMFA_CONFIG_STORE_SCHEME\\b,\"$scheme\",g" -e 's/" "//g' \
	    -e 's/^(TEXT|NUMBER)\("([a-z]+)", (\w+),/\1("\2", "\3",/' \
	    -e 's/^(TEXT|NUMBER)_AT(\(.*), \w+, [][a-z0-9_.]+\)$/\1\2)/' \
	    -e 's/^TEXT\("([a-z]+)", "(\w+)", NULL, \w+\)$/\1.\2 = required/' \
	    -e 's/^TEXT\("([a-z]+)", "(\w+)", "([^"]*)", \w+\)$/\1.\2 = \3/' \
	    -e 's/^NUMBER\("([a-z]+)", "(\w+)", "([0-9]+)", ([0-9]+), ([0-9]+)\)$/\1.\2 = \3 (\4 to \5)/' \
	    -e 's/ $//'
}

# examples OPTIONS: the same for values of options that have no default.
examples() {
	awk -v options="$1" '
	BEGIN {
		n = split(options, line, "\n")
		for (i = 1; i <= n; i++)
			if (line[i] ~ / = required$/)
				required[substr(line[i], 1, index(line[i], " ") - 1)] = 1
	}
	($1 in required) && $3 != "" { print $1 " = required"; next }
	{ print }'
}

sample_rows() {
	awk '
	/^#?\[/ {
		section = $0
		gsub(/^#?\[| .*|\]/, "", section)
	}
	/^# / { comment = comment substr($0, 2); next }
	/^#[a-z]/ {
		range = ""
		if (match(comment, /\([0-9]+ to [0-9]+\)/))
			range = " " substr(comment, RSTART, RLENGTH)
		print section "." substr($0, 2) range
	}
	{ comment = "" }' "$sample"
}

# manual_rows PAGE: "section.name = default" of its items and
# "section.name (MIN to MAX)" of those that name a range, by the sections it
# puts them in: ".Ss Section [totp]", ".Ss Section [realm NAME]".
manual_rows() {
	sed 's/\\&//g; s/\\-/-/g; s/[[:space:]]*$//' "$1" | awk '
	function flush() {
		if (name != "" && match(text, /[0-9]+ to [0-9]+/))
			print section "." name " (" substr(text, RSTART, RLENGTH) ")"
		name = text = ""
	}
	/^\.Ss Section \[/ {
		flush()
		section = $3
		gsub(/[][]/, "", section)
		next
	}
	/^\.It Ic [a-z_]+ =/ && section != "" {
		flush()
		name = $3
		print section "." substr($0, 8)
		next
	}
	/^\.Sh/ { flush(); section = "" }
	/^\.(El|Ss)/ { flush() }
	{ text = text " " $0 }'
}

# without_range: for what a page does not repeat in the item.
without_range() { sed -E 's/ \([0-9]+ to [0-9]+\)$//'; }

configuration() {
	local page=man/medusa-mfa.conf.5 options
	options=$(option_rows)
	some "options" "$(grep -c . <<<"$options")"
	none "each row of $table is understood" \
	    "$(grep -vE '^[a-z]+\.[a-z_]+ =( |$)' <<<"$options")"
	is "$sample has the options, defaults and ranges of $table" \
	    "$(sample_rows | examples "$options")" "$options"
	none "$sample sets nothing" "$(grep -nvE '^(#.*|\[[a-z]+\]|)$' "$sample")"
	[ -f "$page" ] || { not_ok "$page is there"; return; }
	is "$page has the options and defaults" \
	    "$(manual_rows "$page" | grep ' =' | examples "$options" | sort)" \
	    "$(without_range <<<"$options" | sort)"
	is "$page has the ranges" \
	    "$(manual_rows "$page" | grep -v ' =' | sort)" \
	    "$(sed -nE 's/ = .* (\([0-9]+ to [0-9]+\))$/ \1/p' <<<"$options" | sort)"
}

# ---- the module: "name" or "name=" ----

argument_rows() {
	rows "$arguments" options | sed -E \
	    -e 's/^\{ "(\w+)", false, \w+, \w+ \}$/\1/' \
	    -e 's/^\{ "(\w+)", true, \w+, \w+ \}$/\1=/'
}

# manual_arguments PAGE SECTION MACRO: a pattern of what stands before Cm.
manual_arguments() {
	sed -n "/^\\.Sh $2/,/^\\.Sh/p" "$1" | sed -nE "s/^\\.$3Cm //p" |
	    sed -E 's/^([a-z_]+) ?(Ns )?=.*$/\1=/' | sort -u
}

module() {
	local page=man/pam_medusa_mfa.8 retry
	none "each row of $arguments is understood" \
	    "$(argument_rows | grep -vE '^[a-z_]+=?$')"
	some "arguments" "$(argument_rows | wc -l)"
	[ -f "$page" ] || { not_ok "$page is there"; return; }
	is "the synopsis of $page has the arguments of $arguments" \
	    "$(manual_arguments "$page" SYNOPSIS '(Op )?')" \
	    "$(argument_rows | sort)"
	is "$page describes each argument" \
	    "$(manual_arguments "$page" ARGUMENTS 'It ')" \
	    "$(argument_rows | sort)"
	retry=$(sed -n 's/^#define DEFAULT_RETRY *//p' "$arguments")
	like "$page has the default of retry" \
	    "$(sed -n '/^\.It Cm retry/,/^\.It/p' "$page" | tr '\n' ' ')" \
	    "default[^0-9]*$retry\\b"
}

# ---- the command: "name" and its options, sorted ----

command_rows() {
	rows "$commands" mfa_commands | sed -E 's/" +"//g' | sed -nE \
	    's/^\{ "([a-z-]+)", mfa_cmd_\w+, "[^"]*", *("[^"]*"|""), *"([^"]*)", .*\}$/\1 \3/p' |
	    merge
}

# merge: lines of one command become one, its options sorted.
merge() {
	awk '
	{ if (!($1 in all)) all[$1] = ""
	  for (i = 2; i <= NF; i++)
		if (index(all[$1] " ", " " $i " ") == 0) all[$1] = all[$1] " " $i }
	END { for (name in all) print name all[name] }' |
	    while read -r name options; do
		options=$(tr ' ' '\n' <<<"$options" | sort | paste -sd ' ')
		echo "$name${options:+ $options}"
	    done | sort
}

synopsis() {
	sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' "$1" | awk '
	/^\.Nm/ { name = ""; next }
	/^\.Cm/ && name == "" {
		name = $2
		printf "\n%s", name
		next
	}
	/^\.(Op|Fl)/ && name != "" {
		for (i = 1; i < NF; i++)
			if ($i ~ /^\.?Fl$/) printf " %s", substr($(i + 1), 2)
	}
	END { print "" }' | grep -v '^$'
}

# Help and version are part of main.c: about the table, and about no command.
command_line() {
	local page=man/medusa-mfa.1
	is "each row of $commands is understood" \
	    "$(command_rows | cut -d ' ' -f 1)" \
	    "$(rows "$commands" mfa_commands |
	        sed -n 's/^{ "\([a-z-]*\)".*/\1/p' | sort)"
	some "commands" "$(command_rows | wc -l)"
	[ -f "$page" ] || { not_ok "$page is there"; return; }
	is "the synopsis of $page has the commands and options of $commands" \
	    "$(synopsis "$page" | merge | grep -vxE "help|version")" "$(command_rows)"
	is "$page describes each command" \
	    "$(sed -n 's/^\.It Cm \([a-z-]*\).*/\1/p' "$page" | sort -u |
	        grep -vxE "help|version")" \
	    "$(command_rows | cut -d ' ' -f 1)"
	is "$page describes each option" \
	    "$(sed -n 's/^\.It Fl -\([a-z-]*\).*/\1/p' "$page" | sort -u |
	        grep -vx -e help -e version)" \
	    "$(command_rows | tr ' ' '\n' | sort | uniq |
	        grep -vxFf <(command_rows | cut -d ' ' -f 1))"
}

# ---- tests: what is there and what is run ----

# words FRAGMENT VARIABLE: those of a list in a make fragment, one a line.
words() {
	awk -v name="$2" '
	$1 == name && $2 == "=" { inside = 1; $1 = $2 = "" }
	inside { n = split($0, word, " ")
		 for (i = 1; i <= n; i++) if (word[i] != "\\") print word[i] }
	!/\\$/ { inside = 0 }' "$1"
}

# listed FRAGMENT VARIABLE SUFFIX FILE...
listed() {
	local fragment=$1 variable=$2 suffix=$3 there run
	shift 3
	some "${1%/*}/*$suffix" "$#"
	there=$(printf '%s\n' "$@" | LC_ALL=C sort)
	run=$(words "$fragment" "$variable" | LC_ALL=C sort)
	none "each of ${1%/*}/ is in $variable of $fragment" \
	    "$(LC_ALL=C comm -23 <(echo "$there") <(echo "$run"))"
	none "$variable of $fragment has no other, and none twice" \
	    "$(LC_ALL=C comm -13 <(echo "$there") <(echo "$run"))"
}

tests_run() {
	local units
	units=(tests/unit/test_*.c)
	listed tests/unit.am unit_tests .c "${units[@]%.c}"
	listed tests/host.am host_tests .sh tests/host/*.sh
	listed tests/tests.am style_tests .sh tests/style/*.sh
}

configuration
module
command_line
tests_run
done_testing
