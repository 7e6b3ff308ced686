# Completion of the kith command for bash. The command itself knows what may stand where, with the
# kinds, fields and codes of the replica at hand.
_kith() {
    # bash cuts words at '='; kith wants FIELD=VALUE whole.
    local line=${COMP_LINE:0:COMP_POINT}
    local IFS=' ' words
    read -r -a words <<<"$line"
    [[ $line == *" " ]] && words+=("")
    local index=$((${#words[@]} - 1))
    local last=${words[index]} command=${words[0]/#\~/$HOME}
    IFS=$'\n'
    COMPREPLY=($("$command" complete -- "$index" "${words[@]}" 2>/dev/null))
    if [[ $last == *=* ]]; then
        COMPREPLY=("${COMPREPLY[@]#*=}")
    elif [[ ${COMPREPLY[0]} == *= ]]; then
        compopt -o nospace
    fi
}
complete -o default -F _kith kith
