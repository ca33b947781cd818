# Text files as members of a C initializer, a string literal of several lines for each:
#   awk -f embed.awk FILE...
# Letter by letter, since awks do not agree on backslashes in what sub() puts in.
FNR == 1 && NR > 1 { print "," }
{
    text = ""
    for (i = 1; i <= length($0); i++) {
        c = substr($0, i, 1)
        text = text (c == "\\" || c == "\"" ? "\\" : "") c
    }
    print "\"" text "\\n\""
}
END { print "," }
