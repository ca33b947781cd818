#pragma once

/*
 * Every limit on what comes from outside, with its reason. Sources: "regf" is
 * docs/FORMATS.md; "Windows" is the documented registry element size limits.
 */

/* A hive's offsets are 32-bit and the high bit of a cell size is its allocated mark. */
#define HC_MAX_HIVE_BYTES 0x7fffffffu

/* Windows refuses deeper trees; every recursion on keys stops here. */
#define HC_MAX_KEY_DEPTH 512u

/* A key name of 256 characters is made by Windows' registry tools (CFReDS has one), whose limit is
 * REG_MAX_KEY_NAME_LENGTH, 512 bytes; the documentation says 255. A value name: 16,383. */
#define HC_MAX_KEY_NAME_UNITS        256u
#define HC_DOCUMENTED_KEY_NAME_UNITS 255u
#define HC_MAX_VALUE_NAME_UNITS      16383u

/* Windows reads one value's data up to this much in practice; guards every copy of data. */
#define HC_MAX_DATA_BYTES (256u << 20)

/* regf: a value with more data than this is a big-data record from minor version 4 on. */
#define HC_BIG_DATA_BYTES 16344u

/* Children of one key, and values of one key: hivex reads 70,000 and 110,000; Windows more. */
#define HC_MAX_SUBKEYS 1000000u
#define HC_MAX_VALUES  1000000u

/* Deleted keys and values that free cells hold, which are remembered; a hive of garbage has
 * millions. */
#define HC_MAX_DELETED 1000000u

/* Siblings that the name of a missing key or value is compared with, letter by letter. */
#define HC_MAX_NEAREST 20000u

/* Threads of one program. More than these wait for memory, and each that checks a hive has a map of
 * its cells, 1/32 of the hive, of which those but the caller's have together: */
#define HC_MAX_THREADS          8u
#define HC_MAX_THREAD_MAP_BYTES (16u << 20)

/* Findings of a check that are listed, of each severity, and bytes of their text; the rest is
 * counted. Nobody reads more, and a hive of garbage has millions. */
#define HC_MAX_FINDINGS 1000u

/* A text that textconv shows of what is no hive: a pointer of Git LFS has some 130 bytes. */
#define HC_MAX_TEXTCONV_FOREIGN_BYTES 1024u
#define HC_MAX_FINDING_BYTES          (16u << 20)

/* Data of one value that browse shows byte by byte: 4,096 rows to page through. */
#define HC_MAX_BROWSE_BYTES (64u << 10)

/* An HTML report: changes and rows that stand in it as elements, which any browser reads at once;
 * that many are opened; keys and changes in one block of data, which is parsed at a time; of one
 * value the characters and the rows of 16 bytes that are shown, more than anybody reads. */
#define HC_MAX_HTML_STATIC 2000u
#define HC_MAX_HTML_OPEN   200u
#define HC_MAX_HTML_CHUNK  2000u
#define HC_MAX_HTML_UNITS  4000u
#define HC_MAX_HTML_ROWS   256u

/* A .reg file. Exports of whole hives are six times as large as these; people hold files of 500 MB.
 * Positions in the text and a value's bytes are counted in 32 bits at some places. */
#define HC_MAX_PATCH_BYTES (2048u << 20)

/* A batch file of reg lines, which is decoded as a whole in memory. */
#define HC_MAX_SCRIPT_BYTES (256u << 20)

/* One line of cmd.exe after its variables are in it. Source: Microsoft, "Command prompt line string
 * limitation". */
#define HC_MAX_CMD_LINE_UNITS 8191u

/* RUN of a Dockerfile: bytes of one line (cmd takes 8 KiB, Windows 32 KiB), shells in shells, and
 * what is unpacked, or read of one file, in memory. */
#define HC_MAX_RUN_BYTES      (1u << 20)
#define HC_MAX_RUN_SHELLS     8u
#define HC_MAX_RUN_DEPTH      100u /* of parentheses */
#define HC_MAX_RUN_FILE_BYTES (1024u << 20)

/* A JSON delta, which is parsed as a whole in memory. */
#define HC_MAX_JSON_PATCH_BYTES (256u << 20)

/* What is read or made as a text stays in memory up to this much; the rest of it goes to a file. */
#define HC_MAX_TEXT_IN_MEMORY (4u << 20)

/* Nesting of JSON arrays and objects; our own documents need 5. */
#define HC_MAX_JSON_DEPTH 64u

/* Decompressed bytes read from one layer, so that a small file cannot expand without end. */
#define HC_MAX_LAYER_BYTES (64ull << 30)

/* A compressed layer becomes at most this many times as large, after the first bytes that are free:
 * real ones reach 10, gzip cannot do more than 1032, and zstd makes a bomb of a few KB. */
#define HC_MAX_LAYER_RATIO      2000u
#define HC_MAX_LAYER_FREE_BYTES (256u << 20)

/* All hives of an image together, which are held in memory. Those of a full Windows are some
 * hundred MB. */
#define HC_MAX_REGISTRY_BYTES (4ull << 30)

/* Files in an image archive, and links to links in it. Real ones have three files a layer, and
 * links to files. */
#define HC_MAX_ARCHIVE_ENTRIES 100000u
#define HC_MAX_ARCHIVE_LINKS   8u

/* Folders in folders of an unpacked layer: each level of the walk takes stack. */
#define HC_MAX_FOLDER_DEPTH 512u

/* Entries in one layer, and bytes of one PAX header. */
#define HC_MAX_LAYER_ENTRIES 4000000u
#define HC_MAX_PAX_BYTES     (1u << 20)

/* Names in the tree of all layers of an image, and what they and their records take. Real images
 * have some 200,000; one layer at its own limit has room. */
#define HC_MAX_TREE_NODES HC_MAX_LAYER_ENTRIES
#define HC_MAX_TREE_BYTES (2ull << 30)

/* Folders in folders of it. Real ones are 30 deep; the time that a name takes grows with it. */
#define HC_MAX_TREE_DEPTH 1024u

/* Where a link leads: its reparse data, at most 16 KiB with its headers, has the path twice, in
 * 16-bit units, with \??\ in front and NULs behind. Source: go-winio, reparse.go; MS-FSCC 2.1.2. */
#define HC_MAX_LINK_UNITS 4088u

/* Symbolic links and junctions on the way to one file: Windows follows 63 reparse points. */
#define HC_MAX_TREE_LINKS 63u

/* Errors of one .reg file that are told; the rest is counted. */
#define HC_MAX_DIAGNOSTICS 100u

/* Contradictions of one patch to those before it, and statements in none of the hives, that are
 * told; the rest is counted. */
#define HC_MAX_TOLD_CONFLICTS 100u

/* Lines ";!map" and ";!scope" of one .reg file. Every key and value line is compared with each of
 * them; files that people write have a handful. */
#define HC_MAX_PLACE_DIRECTIVES 1000u

/* One JSON document of an image: index, manifest, config. Registries refuse manifests over 4 MiB;
 * configs hold one line of history for each layer. */
#define HC_MAX_IMAGE_JSON_BYTES (8u << 20)

/* Indexes in indexes, and entries of one; the format sets no bound, real ones are flat. */
#define HC_MAX_INDEX_DEPTH   4u
#define HC_MAX_INDEX_ENTRIES 10000u

/* Windows stacks at most 127 layers. */
#define HC_MAX_IMAGE_LAYERS 127u

/* How two values differ inside: data over this is compared only at its beginning and end, so that a
 * script of its parts takes some forty times as much memory. */
#define HC_MAX_DIFF_BYTES (1u << 20)

/* Parts that are removed and added, in which the shortest way is looked for, and steps of the
 * search in all (0.2 s): values that have nothing in common have no way worth more. */
#define HC_MAX_DIFF_COST  512u
#define HC_MAX_DIFF_STEPS 50000000u

/* A Dockerfile, and one physical line of it: BuildKit stops at 64 KiB for a line. */
#define HC_MAX_DOCKERFILE_BYTES      (16u << 20)
#define HC_MAX_DOCKERFILE_LINE_BYTES 65535u

/* What one word of a Dockerfile becomes when variables are put in, and all that are put in: ENV
 * A=$A$A doubles. An environment variable of Windows has 32,767 characters. */
#define HC_MAX_DOCKER_WORD_BYTES     65535u
#define HC_MAX_DOCKER_EXPANDED_BYTES (64u << 20)

/* ${A:-${B:-…}}: each takes stack. */
#define HC_MAX_DOCKER_NESTING 100u

/* What an archive that ADD or RUN unpacks holds, which is in memory until the layer is written. */
#define HC_MAX_UNPACKED_BYTES (512u << 20)

/* Characters of a pattern, and bytes that ${X//PATTERN/…} looks at, again for each start. */
#define HC_MAX_GLOB_UNITS 1024u
#define HC_MAX_GLOB_WORK  (4u << 20)

/* Patterns of a .dockerignore, and its size. */
#define HC_MAX_IGNORE_PATTERNS 100000u
#define HC_MAX_IGNORE_BYTES    (4u << 20)

/* A list of patterns that changes are filtered by; people write a page. Each change is compared
 * with each pattern. */
#define HC_MAX_FILTER_BYTES (1u << 20)
