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
    case $previous in
        -i)
            mapfile -t instances < <(compgen -G '/run/vsm-ha/*/control.sock' | cut -d/ -f4)
            mapfile -t COMPREPLY < <(compgen -W "${instances[*]}" -- "$current")
            ;;
        -c) COMPREPLY=() ;;
        *) mapfile -t COMPREPLY < <(compgen -W '-i -c --help --version' -- "$current") ;;
    esac
}

complete -o filenames -F _vsm_ha_daemon vsmd vemd
complete -F _vsm_ha_shell vsmsh
