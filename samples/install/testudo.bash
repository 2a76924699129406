# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Completion of testudo(8) for bash. What stands behind `testudo sh -c` the router completes: it is
# asked what its `?` would say.

_testudo_options() { # COMMAND: the options that its --help names
	"$1" "$2" --help 2>/dev/null | sed -nE 's/^  (-[-a-z]+)( .*)?$/\1/p'
}

# What may follow in a line of the router's, as whole lines: bash puts the first part of all of them
# in place of the quoted word. A second one that is longer keeps it from closing the quotes.
_testudo_line() { # PROGRAM SOCKET... LINE
	local program=$1 line=${*: -1} last word help
	local socket=("${@:2:$#-2}")
	last=${line##* }
	while IFS=$'\t' read -r word help; do
		[[ $word = [a-z0-9]* && $word = "$last"* ]] || continue
		COMPREPLY+=("${line%"$last"}$word ")
	done < <("$program" sh "${socket[@]}" --complete "$line" 2>/dev/null)
	[ ${#COMPREPLY[@]} -ne 1 ] || COMPREPLY+=("${COMPREPLY[0]} ")
}

_testudo() {
	local program=${COMP_WORDS[0]} command=${COMP_WORDS[1]} cur=${COMP_WORDS[COMP_CWORD]}
	local before=${COMP_WORDS[COMP_CWORD - 1]} socket=() quoted='' i
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "lab run sh check explain convert schema help --help --version" -- "$cur")
		return
	fi
	if [ "$command" = sh ] && [ "$before" = -c ]; then
		for ((i = 2; i + 1 < COMP_CWORD; i++)); do
			[ "${COMP_WORDS[i]}" != --socket ] || socket=(--socket "${COMP_WORDS[i + 1]}")
		done
		compopt -o nospace -o nosort 2>/dev/null
		[[ $cur = [\'\"]* ]] && quoted=1
		cur=${cur#[\'\"]}
		_testudo_line "$program" "${socket[@]}" "${cur//\\ / }"
		[ -n "$quoted" ] || COMPREPLY=("${COMPREPLY[@]// /\\ }")
		return
	fi
	if [ "$command" = help ]; then
		mapfile -t COMPREPLY < <(compgen -W "$("$program" help 2>/dev/null | sed -nE 's/^  ([a-z-]+) .*/\1/p')" -- "$cur")
		return
	fi
	case $cur in
	-*) mapfile -t COMPREPLY < <(compgen -W "$(_testudo_options "$program" "$command")" -- "$cur") ;;
	*) compopt -o default 2>/dev/null ;;
	esac
}

complete -F _testudo testudo
