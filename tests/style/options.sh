#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What the code's tables say, the sample and the manual say too: options of the
# configuration with their defaults and ranges, arguments of the module,
# commands and their options.
#
# The tables are read from the source, the rest as a reader sees it; so a row
# written in another way shows up as a difference.

# shellcheck source=tree.bash
. "$(dirname "$0")/tree.bash"
cd "$srcdir" || exit 1
table=verifier/config/options.c
sample=conf/medusa-mfa.conf
arguments=pam_medusa_mfa/args.c
commands=utils/commands.c

# rows FILE ARRAY: the rows of a table, one a line.
rows() {
	sed -n "/ $2\\[\\] = {\$/,/^};/p" "$1" | sed '1d;$d' | tr '\n\t' '  ' |
	    sed -E 's/([)}]),/\1\n/g' | sed 's/^ *//; s/ *$//; /^$/d'
}

# ---- configuration: "section.name = default (MIN to MAX)" ----

option_rows() {
	local scheme
	scheme=$(sed -n 's/^#define STORE_SCHEME "\(.*\)"$/\1/p' "$table")
	rows "$table" mfa_config_options | sed -E \
	    -e 's,\bMFA_SYSCONFDIR\b,"/etc/medusa-mfa",g' \
	    -e 's,\bMFA_STATEDIR\b,"/var/lib/medusa-mfa",g' \
	    -e "s,\\bSTORE_SCHEME\\b,\"$scheme\",g" -e 's/" "//g' \
	    -e 's/^TEXT\("([a-z]+)", (\w+), "([^"]*)", \w+\)$/\1.\2 = \3/' \
	    -e 's/^NUMBER\("([a-z]+)", (\w+), "([0-9]+)", ([0-9]+), ([0-9]+)\)$/\1.\2 = \3 (\4 to \5)/' \
	    -e 's/^\{ "([a-z]+)", "(\w+)", "([^"]*)", \w+, 0, 0, .*\}$/\1.\2 = \3/' \
	    -e 's/ $//'
}

sample_rows() {
	awk '
	/^\[/ { section = substr($0, 2, length($0) - 2) }
	/^# / { comment = comment substr($0, 2); next }
	/^#[a-z]/ {
		range = ""
		if (match(comment, /\([0-9]+ to [0-9]+\)/))
			range = " " substr(comment, RSTART, RLENGTH)
		print section "." substr($0, 2) range
	}
	{ comment = "" }' "$sample"
}

# The manual's items, with the sections it puts them in: ".Ss Section [totp]".
manual_items() {
	sed 's/\\&//g; s/\\-/-/g; s/[[:space:]]*$//' "$1" |
	    sed -n 's/^\.It Ic \([a-z_]* =.*\)$/\1/p'
}

# without_section, without_range: for what a page does not repeat in the item.
without_section() { sed 's/^[a-z]*\.//'; }
without_range() { sed -E 's/ \([0-9]+ to [0-9]+\)$//'; }

# manual_ranges PAGE: "name (MIN to MAX)" for the items that name a range.
manual_ranges() {
	awk '
	function flush() {
		if (name != "" && match(text, /[0-9]+ to [0-9]+/))
			print name " (" substr(text, RSTART, RLENGTH) ")"
		name = text = ""
	}
	/^\.It Ic / { flush(); name = $3; next }
	/^\.(El|Sh|Ss)/ { flush() }
	{ gsub(/\\&/, ""); text = text " " $0 }' "$1"
}

configuration() {
	local page=man/medusa-mfa.conf.5 options
	options=$(option_rows)
	some "options" "$(grep -c . <<<"$options")"
	none "each row of $table is understood" \
	    "$(grep -vE '^[a-z]+\.[a-z_]+ =( |$)' <<<"$options")"
	is "$sample has the options, defaults and ranges of $table" \
	    "$(sample_rows)" "$options"
	none "$sample sets nothing" "$(grep -nvE '^(#.*|\[[a-z]+\]|)$' "$sample")"
	[ -f "$page" ] || { not_ok "$page is there"; return; }
	is "$page has the options and defaults" "$(manual_items "$page" | sort)" \
	    "$(without_range <<<"$options" | without_section | sort)"
	is "$page has the ranges" "$(manual_ranges "$page" | sort)" \
	    "$(without_section <<<"$options" |
	        sed -nE 's/ = .* (\([0-9]+ to [0-9]+\))$/ \1/p' | sort)"
}

# ---- the module: "name" or "name=" ----

argument_rows() {
	rows "$arguments" options | sed -E \
	    -e 's/^\{ "(\w+)", false, \w+ \}$/\1/' \
	    -e 's/^\{ "(\w+)", true, \w+ \}$/\1=/'
}

# manual_arguments PAGE SECTION MACRO
manual_arguments() {
	sed -n "/^\\.Sh $2/,/^\\.Sh/p" "$1" | sed -n "s/^\\.$3 Cm //p" | sed -E \
	    's/^([a-z]+) ?(Ns )?=.*$/\1=/'
}

module() {
	local page=man/pam_medusa_mfa.8 retry
	none "each row of $arguments is understood" \
	    "$(argument_rows | grep -vE '^[a-z]+=?$')"
	some "arguments" "$(argument_rows | wc -l)"
	[ -f "$page" ] || { not_ok "$page is there"; return; }
	is "the synopsis of $page has the arguments of $arguments" \
	    "$(manual_arguments "$page" SYNOPSIS Op | sort)" \
	    "$(argument_rows | sort)"
	is "$page describes each argument" \
	    "$(manual_arguments "$page" ARGUMENTS It | sort)" \
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

# Help is part of main.c, for it is about the table.
command_line() {
	local page=man/medusa-mfa.1
	is "each row of $commands is understood" \
	    "$(command_rows | cut -d ' ' -f 1)" \
	    "$(rows "$commands" mfa_commands |
	        sed -n 's/^{ "\([a-z-]*\)".*/\1/p' | sort)"
	some "commands" "$(command_rows | wc -l)"
	[ -f "$page" ] || { not_ok "$page is there"; return; }
	is "the synopsis of $page has the commands and options of $commands" \
	    "$(synopsis "$page" | merge | grep -vx help)" "$(command_rows)"
	is "$page describes each command" \
	    "$(sed -n 's/^\.It Cm \([a-z-]*\).*/\1/p' "$page" | sort -u |
	        grep -vx help)" \
	    "$(command_rows | cut -d ' ' -f 1)"
	is "$page describes each option" \
	    "$(sed -n 's/^\.It Fl -\([a-z-]*\).*/\1/p' "$page" | sort -u |
	        grep -vx -e help -e version)" \
	    "$(command_rows | tr ' ' '\n' | sort | uniq |
	        grep -vxFf <(command_rows | cut -d ' ' -f 1))"
}

configuration
module
command_line
done_testing
