# The law of docs/ARCHITECTURE.md, read from there: the line of floors, what each folder may link, and
# what tests may include. Files in this order: that page; then sources, of which includes and
# prototypes are looked at; then, if any, a file whose name ends in .nm: nm -A -P of all objects, by
# which the linker's view is held. Prints one line for each breach. POSIX awk.

function trim(s)
{
    gsub(/^[ \t]+|[ \t]+$/, "", s)
    return s
}

# The folders of the page are named from hivecore, but the programs, tests and fixtures.
function full_name(folder)
{
    return folder ~ /^(hivecore|hivetool|layerpack|tests|fixtures)(\/|$)/ ? folder : "hivecore/" folder
}

function folder_of(file)
{
    sub(/\/[^\/]*$/, "", file)
    return file
}

# "base ← regf ← { reg, edit } ← cli": floor[FOLDER] is how high it lies.
function read_floors(line, parts, names, n, m, i, j)
{
    n = split(line, parts, "←")
    for (i = 1; i <= n; i++) {
        gsub(/[{}]/, "", parts[i])
        m = split(parts[i], names, ",")
        for (j = 1; j <= m; j++)
            floor[full_name(trim(names[j]))] = i
    }
}

# "GLib; POSIX in `a.c`, `b.c`": links[WHO, LIBRARY], WHO a folder or a file in it.
function read_libraries(folder, cell, parts, sides, names, who, n, m, o, i, j, k)
{
    n = split(cell, parts, ";")
    for (i = 1; i <= n; i++) {
        o = 1
        who[1] = ""
        if (split(parts[i], sides, " in ") == 2)
            o = split(sides[2], who, ",")
        m = split(sides[1], names, ",")
        for (k = 1; k <= o; k++) {
            gsub(/[` ]/, "", who[k])
            for (j = 1; j <= m; j++)
                links[folder (who[k] == "" ? "" : "/" who[k]), trim(names[j])] = 1
        }
    }
}

# A row of the table of folders, or, with what it may include, of the table of tests.
function read_row(line, is_of_tests, cells, folders, names, n, m, i, j)
{
    split(line, cells, "|")
    n = split(cells[2], folders, ",")
    for (i = 1; i <= n; i++) {
        gsub(/[` ]/, "", folders[i])
        known[folders[i]] = 1
        read_libraries(folders[i], cells[4])
        if (is_of_tests) {
            m = split(cells[3], names, ",")
            for (j = 1; j <= m; j++) {
                gsub(/[` ]/, "", names[j])
                may[folders[i], names[j]] = 1
            }
        }
    }
}

function may_link(file, library)
{
    return (folder_of(file), library) in links || (file, library) in links
}

# Whether FILE may include HEADER, which is one of ours.
function may_include(file, header, from, to, top)
{
    from = folder_of(file)
    to = folder_of(header)
    if (from == to)
        return 1
    if (header == "hivecore/regf/layout.h" &&
        file !~ /^(hivecore\/edit\/|hivecore\/image\/layer-reader\.c$|fixtures\/|tests\/)/)
        return 0
    if (header ~ /-private\.h$/ && !((from, "privateheaders") in may))
        return 0
    if (from in floor)
        return to in floor && floor[to] < floor[from]
    top = to
    sub(/\/.*/, "", top)
    return (from, to) in may || (from, top) in may
}

# The library whose header it is, "" for one of the C language that everybody may use.
function library_of_header(header)
{
    if (header ~ /^(assert|ctype|errno|inttypes|limits|stdarg|stdbool|stddef|stdint|stdlib|string)\.h$/)
        return ""
    if (header ~ /^glib(\/gstdio)?\.h$/)
        return "GLib"
    if (header ~ /^openssl\//)
        return "libcrypto"
    if (header ~ /^archive(_entry)?\.h$/)
        return "libarchive"
    if (header == "hivex.h")
        return "hivex"
    if (header ~ /^(sddl|windows)\.h$/)
        return "Windows"
    if (header ~ /^(curses|term)\.h$/)
        return "curses"
    if (header ~ /^CUnit\//)
        return "CUnit"
    if (header ~ /^(dirent|dlfcn|fcntl|fnmatch|ftw|iconv|langinfo|locale|malloc|poll|pthread|sched|signal|spawn|stdio|time|unistd|wchar)\.h$/ ||
        header ~ /^sys\//)
        return "POSIX"
    return "a library that the table does not know"
}

# The same of what an object calls. GLib's doors to files, clock and environment are POSIX too.
function library_of_symbol(name)
{
    gsub(/^__isoc[0-9]*_|^__|_chk$|64$/, "", name)
    if (name ~ /^g_(getenv|setenv|unsetenv|environ|listenv|get_(current|monotonic|real)_time|usleep|date_time_new_now|file_(get|set|test|read|open)|dir_|mkdir|mkstemp|mkdtemp|spawn|open|fopen|unlink|remove|rename|stat|lstat|chdir|get_current_dir|get_(home|tmp|user|system))/)
        return "POSIX"
    if (name ~ /^g_(print|printerr|fprintf|printf|vprintf|vfprintf)$/ ||
        name ~ /^(v?f?printf|v?dprintf|f?puts|putc|fputc|putchar|fwrite|fread|fopen|fdopen|fflush|fclose|perror|getline|f?getc|fgets|stdout|stderr|stdin)$/)
        return "stdio"
    if (name ~ /^g_/)
        return "GLib"
    if (name ~ /^(LINES|COLS|stdscr|curscr|cur_term|newterm|delscreen|endwin|raw|noecho|keypad|setupterm|start_color|has_colors|init_pair|use_default_colors|set_escdelay|curs_set|clearok|w(add|attr|clear|erase|get|hline|move|refresh|timeout)[a-z_]*)$/)
        return "curses"
    if (name ~ /^(EVP|SHA256|OPENSSL|CRYPTO|ERR)_/)
        return "libcrypto"
    if (name ~ /^archive_/)
        return "libarchive"
    if (name ~ /^hivex_/)
        return "hivex"
    if (name ~ /^(bcmp|mem|str|stp|rawmem)/ || name ~ /^is[a-z]+$/ ||
        name ~ /^(abort|abs|assert_fail|bsearch|calloc|ctype_[a-z_]*|errno_location|free|labs|malloc|qsort|realloc|sprintf|snprintf|sscanf|to(low|upp)er|vsnprintf)$/)
        return ""
    if (name ~ /_/ && name !~ /^(_exit|(clock|copy|epoll|iconv|memfd|nl|posix|pthread|sched|secure|sem|shm|sync|timer)_.*)$/)
        return "a library that the table does not know"
    return "POSIX"
}

function breach(text)
{
    print text
    n_breaches++
}

function look_at_include(file, include, header, library)
{
    n_includes++
    header = substr(include, 2, length(include) - 2)
    if (include ~ /^"/) {
        if (header == "config.h")
            return
        if (header !~ /^(hivecore|hivetool|layerpack|tests|fixtures)\//)
            breach(file ": " include " is not named from the top")
        else if (!may_include(file, header))
            breach(file ": may not include " header)
        if (folder_of(file) != folder_of(header))
            is_shared[header] = 1
        return
    }
    library = library_of_header(header)
    if (library != "" && !may_link(file, library))
        breach(file ": may not include " include " (" library ")")
}

# Headers that nobody outside their folder includes are the folder's private ones. The programs are
# included by nobody; what is listed in kept (names with spaces between) is from before this rule.
function look_at_headers(header, list, is_kept, n, i)
{
    n = split(kept, list, " ")
    for (i = 1; i <= n; i++)
        is_kept[list[i]] = 1
    for (header in is_header) {
        if (header in is_shared || header ~ /-private\.h$/ || header !~ /^hivecore\//)
            continue
        if (!is_kept[header])
            breach(header ": only " folder_of(header) " includes it: declare that in a private header of the folder")
        is_kept[header] = 0
    }
    for (i = 1; i <= n; i++)
        if (is_kept[list[i]])
            breach(list[i] ": take it off the list in tests/check-layering.sh")
}

# libhivecore_a-x.o, libondemand_a-x.o, edit_hivex-x.o: made from x.c.
function source_of(object)
{
    sub(/^[^ ]*\[/, "", object)
    sub(/\]?:$/, "", object)
    sub(/\/(libhivecore_a|libondemand_a|edit_hivex)-/, "/", object)
    sub(/\.o$/, ".c", object)
    return object
}

# What stands in a library's place is that library's for those who call it.
function look_at_symbol(object, name, type, file)
{
    file = source_of(object)
    if (!(file in is_source) || name ~ /^(__asan|__ubsan|__lsan|__gcov|__sanitizer|__odr_asan|__stack_chk|_GLOBAL_OFFSET_TABLE_|llvm_|__llvm|__start_|__stop_|__tls_)/)
        return
    is_compiled[file] = 1
    if (type ~ /^[TDBRCVWu]$/) {
        if (library_of_symbol(name) !~ /^lib/)
            home[name] = folder_of(file)
    }
    else if (type ~ /^[Uvw]$/)
        called[file, name] = 1
}

function look_at_calls(call, pair, from, to, library)
{
    for (call in called) {
        split(call, pair, SUBSEP)
        n_calls++
        from = folder_of(pair[1])
        if (pair[2] in home) {
            to = home[pair[2]]
            if (from != to && !(floor[to] < floor[from]))
                breach(pair[1] ": calls " pair[2] "() of " to)
            continue
        }
        library = library_of_symbol(pair[2])
        if (library != "" && !may_link(pair[1], library))
            breach(pair[1] ": calls " pair[2] "() (" library ")")
    }
}

FNR == 1 {
    is_page = FILENAME ~ /ARCHITECTURE\.md$/
    is_nm = FILENAME ~ /\.nm$/
    table = ""
    if (is_nm)
        has_nm = 1
    if (!is_page && !is_nm) {
        file = FILENAME
        n_files++
        if (!(folder_of(file) in known))
            breach(file ": a folder that the tables of ARCHITECTURE.md do not know")
        if (file ~ /\.h$/)
            is_header[file] = 1
        else if (file ~ /^(hivecore|hivetool|layerpack)\//)
            is_source[file] = 1
    }
}

is_page && /^    .*←/ { read_floors($0) }
is_page && /^\| (folder|tests) \|/ { table = $2; next }
is_page && !/^\|/ { table = "" }
is_page && table != "" && /^\| `/ { read_row($0, table == "tests") }
is_page { next }

is_nm { look_at_symbol($1, $2, $3); next }

/^[ \t]*#[ \t]*include[ \t]*["<]/ {
    include = $0
    sub(/^[^"<]*/, "", include)
    sub(/[">][^">]*$/, substr(include, 1, 1) == "<" ? ">" : "\"", include)
    look_at_include(file, include)
    next
}

# The layout puts the name of a function that is defined into column 0, so this only declares one.
file ~ /\.c$/ && !/^(static|typedef|return|else) / &&
    (/^[A-Za-z_][A-Za-z0-9_ ]*[ *]+[A-Za-z_][A-Za-z0-9_]*\(/ || /^[ \t]*extern /) && !/__asan_|LLVMFuzzer/ {
    breach(file ": declares by hand, which is a header's: " $0)
}

END {
    look_at_headers()
    if (has_nm) {
        for (file in is_source)
            if (!is_compiled[file])
                breach(file ": has no object, so nobody knows what it calls")
        look_at_calls()
    }
    print n_files + 0, n_includes + 0, n_calls + 0 >"/dev/stderr"
}
