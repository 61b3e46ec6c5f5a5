# Bash completion of vsmd, vemd and vsmsh: options, configuration files, running instances. The commands
# of the switch itself are completed by vsmsh's own shell, which knows them.

_vsm_ha_daemon() {
    local current=${COMP_WORDS[COMP_CWORD]}
    case $current in
        -*) mapfile -t COMPREPLY < <(compgen -W '--config --check-config --version --help' -- "$current") ;;
        *) mapfile -t COMPREPLY < <(compgen -f -X '!*.yaml' -- "$current"; compgen -d -- "$current") ;;
    esac
}

_vsm_ha_shell() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} instances=()
    local directory=/run/vsm-ha at
    for ((at = 1; at < COMP_CWORD; at++)); do
        [[ ${COMP_WORDS[at]} != --run-directory ]] || directory=${COMP_WORDS[at + 1]}
    done
    case $previous in
        -i | --instance)
            mapfile -t instances < <(compgen -G "$directory/*/control.sock" | sed 's|/control.sock$||; s|.*/||')
            mapfile -t COMPREPLY < <(compgen -W "${instances[*]}" -- "$current")
            ;;
        -c | --command) COMPREPLY=() ;;
        --run-directory) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
        --socket) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
        *)
            mapfile -t COMPREPLY < <(compgen -W \
                '-i --instance -c --command --run-directory --socket --help --version' -- "$current")
            ;;
    esac
}

complete -o filenames -F _vsm_ha_daemon vsmd vemd
complete -F _vsm_ha_shell vsmsh
