#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Runs fuzzers that make has built, one after the other, from the build's top:
#
#   run.sh seconds N TARGET...   libFuzzer, each for N seconds
#   run.sh proof N TARGET...     libFuzzer, each for one in N of the executions
#                                that are asked for before a release
#   run.sh afl N TARGET...       AFL++, each for N seconds
#
# It prints a row for each: executions, seconds, seconds of the processor, edges
# reached of those that are linked, findings.  Its status is
# not 0 if there is a finding, which lies in fuzz/found.

set -u
how=$1 number=$2
shift 2
here=$(dirname "$(readlink -f "$0")")
top=fuzz
mkdir -p $top/found $top/grown

# asked TARGET: executions that a release needs.
asked() {
	case $1 in
	record | request | reply) echo 50000000 ;;
	module | verifier) echo 1000000 ;;
	*) echo 10000000 ;;
	esac
}

# longest TARGET: bytes of an input.
longest() {
	case $1 in
	record | request | reply | lines | google | pskc) echo 2048 ;;
	config | policy | notice | mailconf | delivery | module | verifier) echo 1024 ;;
	typed) echo 160 ;;
	*) echo 512 ;;
	esac
}

# field NAME: a number of libFuzzer's last words, read from standard input.
field() {
	sed -n "s/^stat::$1: *//p" | tail -n 1
}

row() {
	printf '%-10s %12s %8s %8s %12s %9s\n' "$@"
}

# cpu COMMAND...: runs it, and leaves its processor seconds in $spent.
cpu() {
	local before after status
	before=$(ticks)
	"$@"
	status=$?
	after=$(ticks)
	spent=$(((after - before) / $(getconf CLK_TCK)))
	return $status
}

# ticks: of the processor, that children of this shell have used.
ticks() {
	awk '{ print $16 + $17 }' /proc/$$/stat
}

# What it had reached so far is kept, and begun with the next time.
run_libfuzzer() {
	local target=$1 log=$top/$1.log limit began found=0 count edges all
	local options=allocator_may_return_null=1
	if [ "$how" = proof ]; then
		limit=("-runs=$(($(asked "$target") / number))"
		    "-max_total_time=${FUZZ_LIMIT-0}")
	else
		limit=("-max_total_time=$number")
	fi
	# What the libraries of readers do not free ends with their process.
	case $target in
	pskc | qr) options+=:detect_leaks=0 ;;
	esac
	mkdir -p "$top/grown/$target"
	began=$SECONDS
	ASAN_OPTIONS=$options cpu nice -n 10 "$top/fuzz_$target" \
	    "${limit[@]}" -max_len="$(longest "$target")" -timeout=20 \
	    -rss_limit_mb=2048 -print_final_stats=1 -reload=0 \
	    -artifact_prefix="$top/found/$target-" \
	    "$top/grown/$target" "$here/corpus/$target" >"$log" 2>&1 || found=1
	count=$(field number_of_executed_units <"$log")
	edges=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1)
	all=$(grep -o 'Loaded 1 modules *([0-9]* inline' "$log" |
	    grep -o '[0-9]* inline')
	row "$target" "${count:-?}" "$((SECONDS - began))" "$spent" \
	    "${edges#cov: }/${all% inline}" "$found"
	[ $found = 0 ] || tail -n 40 "$log"
	return $found
}

run_afl() {
	local target=$1 out=$top/afl-out/$1 stats count crashes edges all
	stats=$out/default/fuzzer_stats
	rm -rf "$out"
	mkdir -p "$top/afl-out"
	AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 \
	    AFL_NO_AFFINITY=1 cpu nice -n 10 afl-fuzz -V "$number" \
	    -i "$here/corpus/$target" -o "$out" -- "$top/afl_$target" \
	    >"$top/$target.afl.log" 2>&1
	count=$(sed -n 's/^execs_done *: //p' "$stats")
	crashes=$(sed -n 's/^saved_crashes *: //p' "$stats")
	edges=$(sed -n 's/^edges_found *: //p' "$stats")
	all=$(sed -n 's/^total_edges *: //p' "$stats")
	row "$target" "${count:-?}" "$number" "$spent" "$edges/$all" "${crashes:-?}"
	[ "${crashes:-1}" = 0 ]
}

status=0 spent=0
row target executions seconds cpu edges findings
for target; do
	if [ "$how" = afl ]; then
		run_afl "$target" || status=1
	else
		run_libfuzzer "$target" || status=1
	fi
done
exit $status
