# Completion of hivetool and layerpack for bash. What can stand where is known by the programs, which
# are asked with the line up to the cursor: a candidate behind "=", one that goes on behind "+", "f"
# for files.
_hivetool() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
        =*) COMPREPLY+=("${line#=}") ;;
        +*)
            COMPREPLY+=("${line#+}")
            compopt -o nospace
            ;;
        f) compopt -o default ;;
        esac
    done < <("$1" __complete bash "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}

complete -F _hivetool hivetool layerpack
