# Completion of hivetool and layerpack for fish. What can stand where is known by the programs, which
# are asked with the line up to the cursor: a candidate behind "=", one that goes on behind "+", with a
# remark behind a tab, "f" for files.
function __hivetool_complete
    set -l words (commandline -opc)
    for line in ($words[1] __complete fish (commandline -cp | string collect) 2>/dev/null)
        switch $line
            case f
                __fish_complete_path (commandline -ct)
            case '*'
                string sub -s 2 -- $line
        end
    end
end

complete -c PROGRAM -f -a '(__hivetool_complete)'
