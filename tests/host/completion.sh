#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Completion in bash, zsh and fish offers what the command itself names in its
# help.  Needs neither root nor a verifier, and must ask for none.
# shellcheck disable=SC2317

self=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$self/../..")
# shellcheck source=../lib/tap.sh
. "$self/../lib/tap.sh"
program=$(readlink -f "${MFA_BUILD:-$PWD}")/utils/medusa-mfa
files=$top/conf/completions
for shell in bash zsh fish "$program"; do
	command -v "$shell" >/dev/null && continue
	not_ok "there is $shell"
	done_testing
done

scratch=$(mktemp -d)
tap_leave() {
	rm -rf "$scratch"
	tap_exit
}
trap tap_leave EXIT
# What the completed command would be: the help, and a trap for all else.
mkdir "$scratch/bin" "$scratch/home" "$scratch/work"
cat >"$scratch/bin/medusa-mfa" <<'PROGRAM'
#!/bin/sh
echo "$*" >>"${0%/*}/../asked"
PROGRAM
chmod 0755 "$scratch/bin/medusa-mfa"
: >"$scratch/asked"
: >"$scratch/work/a file"
export PATH="$scratch/bin:$PATH" HOME="$scratch/home"
export XDG_CONFIG_HOME="$HOME" XDG_DATA_HOME="$HOME" XDG_CACHE_HOME="$HOME"
cd "$scratch/work" || exit 1

# ---- what each shell offers: a line to complete, the words, sorted ----

offer_bash() {
	bash --norc -c '
	. "$1"
	read -ra COMP_WORDS <<<"$2"
	[[ $2 = *" " ]] && COMP_WORDS+=("")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$2 COMP_POINT=${#2}
	complete -p medusa-mfa >/dev/null || exit
	function=$(complete -p medusa-mfa | sed "s/.*-F \([^ ]*\) .*/\1/")
	"$function" medusa-mfa "${COMP_WORDS[COMP_CWORD]}" \
	    "${COMP_WORDS[COMP_CWORD - 1]}" 2>&1
	printf "%s\n" "${COMPREPLY[@]}"' bash "$files/medusa-mfa" "$1"
}

# One zsh on a terminal for all lines: what compadd is given.
start_zsh() {
	mkfifo "$scratch/to" "$scratch/from"
	zsh -f "$scratch/ask.zsh" <"$scratch/to" >"$scratch/from" &
	exec 8>"$scratch/to" 9<"$scratch/from"
}

stop_zsh() {
	exec 8>&- 9<&-
	wait
}

offer_zsh() {
	local word
	printf '%s\n' "$1" >&8
	while IFS= read -r -t 20 word <&9 && [ "$word" != . ]; do
		printf '%s\n' "$word"
	done
}
cat >"$scratch/inner.zsh" <<INNER
PS1= PS2= RPS1=
unsetopt zle_bracketed_paste 2>/dev/null
fpath=("$files" \$fpath)
autoload -Uz compinit
compinit -D -u
zstyle ':completion:*' list-grouped false
zstyle ':completion:*' insert-tab false
zstyle ':completion:*' verbose no
_users() { compadd -- \$(getent passwd | cut -d: -f1) }
compadd() {
	if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
		builtin compadd "\$@"
		return
	fi
	typeset -a found
	builtin compadd -A found "\$@"
	printf 'offer<%s>\n' \$found >>"$scratch/offers"
	builtin compadd "\$@"
}
ask() { zle complete-word; zle kill-buffer; print -n "asked" }
zle -N ask
KEYTIMEOUT=1
bindkey '^T' ask
INNER
cat >"$scratch/ask.zsh" <<OUTER
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "source $scratch/inner.zsh; print rea\"\"dy"
zpty -r z said '*ready*'
while IFS= read -r line; do
	: >"$scratch/offers"
	zpty -w -n z "\$line"\$'\024'
	zpty -r z said '*asked*'
	sed -n 's/^offer<\\(.*\\)>\$/\\1/p' "$scratch/offers"
	print .
done
zpty -d z
OUTER

offer_fish() {
	fish --no-config -c "source '$files/medusa-mfa.fish'
	    complete -C '$1'" 2>&1 | cut -f 1
}

# offer SHELL LINE
offer() {
	"offer_$1" "$2" | grep -v '^$' | LC_ALL=C sort -u
}

# ---- what the command says ----

sorted() {
	tr -s ' ,' '\n' | grep -v '^$' | LC_ALL=C sort -u
}

commands() {
	"$program" help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p'
}

# options_of COMMAND: with their two hyphens.
options_of() {
	"$program" help "$1" | sed -n 's/^  \(--[a-z-]*\) .*/\1/p'
}

# words_of COMMAND: what may stand first behind it, as key's new and list.
words_of() {
	"$program" help "$1" | sed '1,/^$/d' |
	    sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p'
}

# choices_of COMMAND OPTION: from "a, b or c" in its help.
choices_of() {
	"$program" help "$1" | sed -n "s/^  --$2 [A-Z]* *//p" |
	    sed 's/[;:].*//; s/ or a configured one//; s/ or /, /' | sorted
}

takes_value() {
	"$program" help "$1" | grep -qE "^  $2 [A-Z]"
}

# ---- the comparison ----

each_command() {
	local shell=$1 command
	is "$shell: commands" "$(offer "$shell" 'medusa-mfa ' | grep -v '^-')" \
	    "$({ commands; echo help; } | sorted)"
	is "$shell: a command that was begun" \
	    "$(offer "$shell" 'medusa-mfa re')" \
	    "$(commands | grep '^re' | sorted)"
	for command in $(commands); do
		is "$shell: options of $command" \
		    "$(offer "$shell" "medusa-mfa $command --")" \
		    "$(options_of "$command" | sorted)"
		[ -n "$(words_of "$command")" ] || continue
		is "$shell: words of $command" \
		    "$(offer "$shell" "medusa-mfa $command ")" \
		    "$(words_of "$command" | sorted)"
	done
	is "$shell: help takes a command" "$(offer "$shell" 'medusa-mfa help ')" \
	    "$({ commands; echo help; } | sorted)"
}

each_value() {
	local shell=$1 option
	for option in provider qr algorithm; do
		is "$shell: values of --$option" \
		    "$(offer "$shell" "medusa-mfa enroll --$option ")" \
		    "$(choices_of enroll "$option")"
	done
	for option in $(options_of enroll); do
		case $option in
		--provider | --qr | --algorithm | --user | --output) continue ;;
		esac
		takes_value enroll "$option" || continue
		is "$shell: $option wants a value that nobody knows" \
		    "$(offer "$shell" "medusa-mfa enroll $option ")" ""
	done
	for option in --for --reason; do
		is "$shell: $option wants a value that nobody knows" \
		    "$(offer "$shell" "medusa-mfa bypass $option ")" ""
	done
	is "$shell: --tty wants a value that nobody knows" \
	    "$(offer "$shell" "medusa-mfa explain --tty ")" ""
	like "$shell: --user takes a user" \
	    "$(offer "$shell" 'medusa-mfa status --user ro')" '^root$'
	like "$shell: --output takes a file" \
	    "$(offer "$shell" 'medusa-mfa confirm --output ')" '^a\\? file$'
	like "$shell: a flag takes no value" \
	    "$(offer "$shell" 'medusa-mfa list --json --')" '^--user$'
}

each_operand() {
	local shell=$1 command
	for command in invite bypass reset unlock forget explain; do
		like "$shell: $command takes a user" \
		    "$(offer "$shell" "medusa-mfa $command ro")" '^root$'
	done
	like "$shell: users remove takes a user" \
	    "$(offer "$shell" 'medusa-mfa users remove ro')" '^root$'
	for command in confirm disable rename; do
		is "$shell: factors are not asked for: $command" \
		    "$(offer "$shell" "medusa-mfa $command ")" ""
	done
}

is "the help names choices" "$(choices_of enroll qr)" "ascii
none
utf8"
like "and commands" "$(commands)" '^enroll$'
start_zsh
for shell in bash zsh fish; do
	each_command "$shell"
	each_value "$shell"
	each_operand "$shell"
done
for option in $(options_of enroll | grep -v -e json -e output -e help); do
	unlike "bash: not twice: $option" \
	    "$(offer bash "medusa-mfa enroll $option x --")" "^$option\$"
done
stop_zsh
is "nobody was asked at a Tab" "$(<"$scratch/asked")" ""
done_testing
