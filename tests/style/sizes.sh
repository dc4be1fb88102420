#!/bin/bash
# SPDX-License-Identifier: MIT
#
# STYLE: how long, how deep, how many.  All of it for the product; of the C
# code of tests and bench, and of the shell scripts of tests, the length of files.

# shellcheck source=tree.bash
. "$(dirname "$0")/tree.bash"
need pmccabe /usr/bin/python3 awk wc
cd "$srcdir" || exit 1

max_lines=80 max_median=20 max_p90=50 max_complexity=15
max_nesting=3 max_parameters=6
max_file=500 max_header=150 max_fragment=120
max_conditions=5   # in 1000 lines

# longer LINES FILE...: those with more lines.
longer() {
	local max=$1
	shift
	wc -l -- "$@" | awk -v max="$max" \
	    '$2 != "total" && $1 > max { print $2 ": " $1 " lines" }'
}

# above COLUMN MAX WHAT: functions with more, from the table of functions.py.
above() {
	awk -F '\t' -v column="$1" -v max="$2" -v what="$3" '$column > max {
		print $1 ":" $2 ": " $3 ": " $column " " what }' "$table"
}

# quantile PERCENT: the length that so many of the functions do not exceed.
quantile() {
	cut -f 4 "$table" | sort -n | awk -v percent="$1" '
	    { length_of[NR] = $1 }
	    END {
		at = NR * percent / 100
		if (at > int(at)) at = int(at) + 1
		print length_of[at]
	    }'
}

# shellcheck disable=SC2317
measure() {
	/usr/bin/python3 "$style_dir/functions.py" "${code[@]}" >"$table"
}

# conditions FILE...: each #if but the guards of headers.
conditions() {
	awk '
	FNR == 1 { guard = "" }
	/^[ \t]*#[ \t]*if/ {
		if (FILENAME ~ /\.h$/ && guard == "" && /^#ifndef MFA_.*_H$/) {
			guard = $2
			next
		}
		print FILENAME ":" FNR ": " $0
	}' "$@"
}

mapfile -t code < <(product_files '*.c')
mapfile -t headers < <(product_files '*.h')
mapfile -t tests < <(files '*.c' '*.h' | grep -E '^(tests|bench)/')
mapfile -t shell < <(scripts 'sh|bash' | grep '^tests/')
mapfile -t fragments < <(files '*.am')
some "product files" "${#code[@]}"
some "product headers" "${#headers[@]}"
some "C files of tests" "${#tests[@]}"
some "shell scripts of tests" "${#shell[@]}"
some "make fragments" "${#fragments[@]}"

work=$(mktemp -d)
table=$work/functions
runs "functions.py understands every file" measure
pmccabe "${code[@]}" >"$work/pmccabe" 2>"$work/trouble"
none "pmccabe understands every file" "$(<"$work/trouble")"
is "both see the same number of functions in each file" \
    "$(cut -f 1 "$table" | sort | uniq -c)" \
    "$(sed 's/.*\t//; s/([0-9]*): .*//' "$work/pmccabe" | sort | uniq -c)"

none "a function has at most $max_lines lines" "$(above 4 $max_lines lines)"
none "a function has at most $max_parameters parameters" \
    "$(above 5 $max_parameters parameters)"
none "nesting is at most $max_nesting deep" "$(above 6 $max_nesting deep)"
none "cyclomatic complexity is at most $max_complexity" \
    "$(awk -F '\t' -v max=$max_complexity \
	'$2 > max { print $NF ": " $2 }' "$work/pmccabe")"

median=$(quantile 50)
p90=$(quantile 90)
if [ "$median" -le $max_median ] && [ "$p90" -le $max_p90 ]; then
	ok "functions: median $median of $max_median lines, p90 $p90 of $max_p90"
else
	not_ok "functions are short" "median $median of $max_median lines,
p90 $p90 of $max_p90"
fi

none "a source file has at most $max_file lines" \
    "$(longer $max_file "${code[@]}")"
none "a header has at most $max_header lines" \
    "$(longer $max_header "${headers[@]}")"
none "a C file of tests has at most $max_file lines" \
    "$(longer $max_file "${tests[@]}")"
none "a shell script of tests has at most $max_file lines" \
    "$(longer $max_file "${shell[@]}")"
none "a make fragment has at most $max_fragment lines" \
    "$(longer $max_fragment "${fragments[@]}")"

conditions "${code[@]}" "${headers[@]}" >"$work/conditions"
total=$(cat "${code[@]}" "${headers[@]}" | wc -l)
count=$(wc -l <"$work/conditions")
if [ $((count * 1000)) -le $((max_conditions * total)) ]; then
	ok "$count #if in $total lines, $max_conditions in 1000 are allowed"
else
	not_ok "at most $max_conditions #if in 1000 lines" \
	    "$count in $total lines
$(<"$work/conditions")"
fi
rm -rf "$work"
done_testing
