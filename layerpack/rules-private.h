#pragma once

#include "hivecore/image/layer-stack.h"
#include "layerpack/rules.h"

G_BEGIN_DECLS

/* Parts of rules.c. What the rules are known from: the file, and where the function's name is not
 * clear from the message, the function. */
#define LP_SOURCE_IMPORT   "hcsshim ociwclayer/import.go"
#define LP_SOURCE_LEGACY   "hcsshim wclayer/legacy.go"
#define LP_SOURCE_CLOSE    "hcsshim wclayer/importlayer.go"
#define LP_SOURCE_BASE     "hcsshim wclayer/baselayerwriter.go"
#define LP_SOURCE_CONVERT  "hcsshim wclayer/converttobaselayer.go"
#define LP_SOURCE_STORAGE  "hcsshim computestorage"
#define LP_SOURCE_CIM      "hcsshim wclayer/cim"
#define LP_SOURCE_CIM_TAR  "hcsshim ociwclayer/cim/import.go"
#define LP_SOURCE_FOLDERS  "hcsshim wclayer/legacy.go, imgutil"
#define LP_SOURCE_SAFEFILE "hcsshim safefile/safeopen.go"
#define LP_SOURCE_WINIO    "go-winio backuptar/tar.go"
#define LP_SOURCE_EA       "go-winio ea.go"
#define LP_SOURCE_REPARSE  "go-winio reparse.go, MS-FSCC 2.1.2"
#define LP_SOURCE_SDDL     "go-winio sd.go"
#define LP_SOURCE_NAMING   "Microsoft, Naming Files, Paths, and Namespaces"
#define LP_SOURCE_TAR      "Go archive/tar"
#define LP_SOURCE_GZIP     "Go compress/gzip"
#define LP_SOURCE_REGF     "docs/FORMATS.md, the hive"

#define LP_UTILITY_FILES "UtilityVM/Files"

/* Whether a rule is one for base layers, for those above, or for both. */
enum {
    LP_AS_BASE = 1,
    LP_AS_ABOVE = 2,
    LP_AS_ANY = 3,
};

/** What the content of an entry has to be. */
typedef enum {
    LP_HIVE_NONE,
    LP_HIVE_DELTA,  /* differencing */
    LP_HIVE_CONFIG, /* ordinary; counts in a base layer only */
    LP_HIVE_BCD,    /* the same */
} LpHiveRole;

/** LpCounted: what is true of many names, and told once: makers that do it do it for each entry. */
typedef struct {
    GString *first;
    uint64_t n;
} LpCounted;

struct LpRules {
    LpTree *tree; /* borrowed, or own_tree */
    LpTree *own_tree;
    GString *clean;       /* the entry's name without ".", "//" and a slash at its end */
    HcFindings *as_base;  /* what is wrong if this is a base layer, in the order found */
    HcFindings *as_above; /* and if it is one above */
    GString *streamed;    /* name of the last entry that streams can follow; empty: none */
    LpNodeKind streamed_kind;
    LpCounted dotted;   /* names with empty or "." parts */
    LpCounted streams;  /* as only the writer of NTFS layers takes them */
    LpHiveRole role;    /* of the last entry */
    gboolean has_hives; /* anything at or below Hives */
    gboolean has_hives_folder;
    gboolean has_files_folder;
    gboolean has_config_folder;
    gboolean has_utility_folder;
    gboolean has_utility_files;
    gboolean has_bcd;
    gboolean has_delta[HC_N_HIVE_SLOTS];
    gboolean has_config[HC_N_HIVE_SLOTS];
};

/** lp_rules_say: @which: for which kinds of layers, LP_AS_ANY and so on. */
void lp_rules_say(LpRules *rules, guint which, HcSeverity severity, const GString *name,
                  const char *source, const char *format, ...) G_GNUC_PRINTF(6, 7);

/** lp_rules_refuse: an error with either writer. */
void lp_rules_refuse(LpRules *rules, const HcEntry *entry, const char *what);

void lp_rules_count(LpCounted *counted, const HcEntry *entry);

/** Returns: whether a clean name is below "UtilityVM/Files", as the writers spell it. */
gboolean lp_rules_is_utility(const char *clean);

/* --- rules-records.c --- */

/**
 * lp_rules_check_headers: what Go's archive/tar refuses, or reads otherwise than it was meant.
 * lp_rules_check_records: the MSWINDOWS.* and LIBARCHIVE.creationtime records: each must be what
 * the importer can parse, and the file attributes must fit the entry's type. Of whiteouts, hard
 * links and streams the importer does not look at them.
 */
void lp_rules_check_headers(LpRules *rules, const HcEntry *entry);
void lp_rules_check_records(LpRules *rules, const HcEntry *entry);

/* --- rules-names.c --- */

/** lp_rules_check_name: sets .clean; FALSE when the name is of a kind that nothing more can be said
 * of it. */
gboolean lp_rules_check_name(LpRules *rules, const HcEntry *entry);

/** lp_rules_check_top: the three folders at the top, which must be spelled so. */
void lp_rules_check_top(LpRules *rules, const HcEntry *entry);

/** lp_rules_finish_names: what was counted. */
void lp_rules_finish_names(LpRules *rules);

/* --- rules-places.c --- */

/** Returns: whether .clean is a whiteout's. */
gboolean lp_rules_is_whiteout(const LpRules *rules);
void lp_rules_check_whiteout(LpRules *rules, const HcEntry *entry);

/** lp_rules_check_link: before the entry's own name is in the tree. */
void lp_rules_check_link(LpRules *rules, const HcEntry *entry);

/** lp_rules_check_place: each path once, after its folder, and of the kind that it has below. */
void lp_rules_check_place(LpRules *rules, const HcEntry *entry);

/** lp_rules_check_stream: an alternate data stream, "FILE:NAME". Returns: whether .clean is one. */
gboolean lp_rules_check_stream(LpRules *rules, const HcEntry *entry);

/* --- rules-hives.c --- */

/** Returns: what the entry must hold; with findings when it has a hive's name and is none. */
LpHiveRole lp_rules_check_hive_place(LpRules *rules, const HcEntry *entry);

/** lp_rules_check_hive_stream: a stream of the file .clean up to its colon. */
void lp_rules_check_hive_stream(LpRules *rules, const HcEntry *entry);

/** lp_rules_finish_hives_above, lp_rules_finish_hives_base: what is missing. */
void lp_rules_finish_hives_above(LpRules *rules);
void lp_rules_finish_hives_base(LpRules *rules);

G_END_DECLS
