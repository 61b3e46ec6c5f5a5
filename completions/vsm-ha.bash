# Bash completion of vsmd, vemd, vsmsh and vsm-sim: options, files, running instances, and the switch's own
# commands, which the running daemon is asked for. What vsm-sim can do is read from its own help.

_vsm_ha_daemon() {
    local current=${COMP_WORDS[COMP_CWORD]}
    local options='--config --check-config --version --help'
    [[ ${COMP_WORDS[0]} != *vsmd ]] || options+=' --journal'
    if [[ ${COMP_WORDS[COMP_CWORD - 1]} == --journal ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
    fi
    case $current in
        -*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current") ;;
        *) mapfile -t COMPREPLY < <(compgen -f -X '!*.yaml' -- "$current"; compgen -d -- "$current") ;;
    esac
}

_vsm_ha_shell() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local directory=/run/vsm-ha at options=() words=() instances=()
    for ((at = 1; at < COMP_CWORD; at++)); do
        case ${COMP_WORDS[at]} in
            -i | --instance | --run-directory | --socket)
                [[ ${COMP_WORDS[at]} != --run-directory ]] || directory=${COMP_WORDS[at + 1]}
                options+=("${COMP_WORDS[at]}" "${COMP_WORDS[at + 1]}")
                at=$((at + 1))
                ;;
            -c | --command | --since) at=$((at + 1)) ;;
            *) words+=("${COMP_WORDS[at]}") ;;
        esac
    done
    case $previous in
        -i | --instance)
            mapfile -t instances < <(compgen -G "$directory/*/control.sock" |
                sed 's|/control.sock$||; s|.*/||')
            mapfile -t COMPREPLY < <(compgen -W "${instances[*]}" -- "$current")
            return
            ;;
        -c | --command | --since) COMPREPLY=(); return ;;
        --run-directory) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
        --socket) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    esac
    if [[ $current == -* && ${#words[@]} == 0 ]]; then
        mapfile -t COMPREPLY < <(compgen -W \
            '-i --instance -c --command --follow --since --json --run-directory --socket --help --version' -- "$current")
        return
    fi
    # A command line that ends in a tab is answered with the words that may stand there.
    words+=("$current")
    mapfile -t COMPREPLY < <(
        "${COMP_WORDS[0]}" "${options[@]}" -c "${words[*]}"$'\t' 2>/dev/null </dev/null)
}

_vsm_ha_simulator() {
    local current=${COMP_WORDS[COMP_CWORD]} program=${COMP_WORDS[0]} verb=${COMP_WORDS[1]} words
    local verbs='s/^  \([a-z][a-z]*\) .*/\1/p' dashes='s/^ .*\(--[a-z][a-z-]*\).*/\1/p'
    if [[ $COMP_CWORD == 1 || $verb == help ]]; then
        words=$("$program" --help 2>/dev/null </dev/null | sed -n "$verbs; $dashes")
    else
        words=$("$program" help "$verb" 2>/dev/null </dev/null | sed -n "$dashes")
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"
        [[ $COMP_CWORD == 1 || $verb == help || $current == -* ]] || compgen -f -- "$current")
}

complete -o filenames -F _vsm_ha_simulator vsm-sim
complete -o filenames -F _vsm_ha_daemon vsmd vemd
complete -F _vsm_ha_shell vsmsh
