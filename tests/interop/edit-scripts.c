/*
 * edit-scripts HIVE | edit-scripts OLD NEW: proves the scripts of values. Of one hive: from each
 * value to the next of its type; of two: of each value and descriptor that differs, both ways. What
 * the script makes of the old data must be the new data.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "hivecore/delta/diff.h"
#include "hivecore/regf/hive.h"
#include "hivecore/report/edit-script.h"

#define N_TYPES 16

typedef struct {
    guint64 n_scripts;
    guint64 n_wrong;
    HcDatum last[N_TYPES];
} Proof;

static void
prove(Proof *proof, const HcDatum *before, const HcDatum *after)
{
    g_autoptr(HcEditScript) script = hc_edit_script_new(before, after);
    g_autoptr(GByteArray) made = hc_edit_script_apply(script);
    proof->n_scripts++;
    if (made != NULL && !hc_bytes_equal((HcBlob){made->data, made->len}, after->data))
        proof->n_wrong++;
    if (made == NULL && before->is_present && after->is_present && before->type == after->type)
        proof->n_wrong++;
}

static void
prove_acl(Proof *proof, HcBlob before, HcBlob after)
{
    g_autoptr(HcEditScript) script = hc_edit_script_new_aces(before, after);
    g_autoptr(GByteArray) made = hc_edit_script_apply(script);
    g_autoptr(GByteArray) wanted = g_byte_array_new();
    HcAceIter iter = hc_ace_iter_start(after);
    HcAce ace;
    while (hc_ace_iter_next(&iter, &ace))
        g_byte_array_append(wanted, ace.whole.bytes, ace.whole.n_bytes);
    proof->n_scripts++;
    if (made->len != wanted->len ||
        (made->len > 0 && memcmp(made->data, wanted->data, made->len) != 0))
        proof->n_wrong++;
}

static void
prove_security(Proof *proof, HcBlob before, HcBlob after)
{
    HcSecurity old_parts;
    HcSecurity new_parts;
    if (before.bytes == NULL || after.bytes == NULL ||
        hc_security_parse(before, &old_parts) != NULL ||
        hc_security_parse(after, &new_parts) != NULL)
        return;
    prove_acl(proof, old_parts.dacl, new_parts.dacl);
    prove_acl(proof, new_parts.dacl, old_parts.dacl);
    prove_acl(proof, old_parts.sacl, new_parts.sacl);
}

static void
visit(Proof *proof, const HcDeltaKey *key, HcBlob security)
{
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *value = hc_delta_value(key, i);
        prove(proof, value->before, &value->after);
        prove(proof, &value->after, value->before);
        const guint type = MIN(value->after.type, N_TYPES - 1);
        HcDatum *last = &proof->last[type];
        /* Long data that has nothing in common takes its time: not all of it. */
        const gboolean is_long = value->after.data.n_bytes > 1024 && proof->n_scripts % 64 != 0;
        if (key->op == HC_KEY_CREATE && last->is_present && !is_long)
            prove(proof, last, &value->after);
        *last = value->after;
    }
    prove_security(proof, key->before->security, key->after.security);
    prove_security(proof, security, key->after.security);
    for (guint i = 0; i < hc_delta_n_children(key); i++)
        visit(proof, hc_delta_child(key, i), key->after.security);
}

static HcHive *
open_hive(const char *file)
{
    return hc_hive_open(file, HC_HIVE_ALLOW_DAMAGED | HC_HIVE_ALLOW_DIRTY, NULL);
}

/* Returns: (transfer none) (nullable): all of a hive as new, or what differs between two */
static HcDeltaKey *
read_hives(HcDelta **delta, const HcHive *old_hive, const HcHive *new_hive)
{
    HcKey root;
    if (new_hive != NULL) {
        *delta = hc_diff(old_hive, new_hive, 0, NULL, NULL);
        return *delta != NULL ? hc_delta_root(*delta) : NULL;
    }
    *delta = hc_delta_new();
    HcWalk walk = hc_walk_start(old_hive);
    return hc_hive_root(old_hive, &root, NULL) ? hc_delta_copy_tree(*delta, &walk, &root, 0, NULL)
                                               : NULL;
}

int
main(int argc, char **argv)
{
    g_autoptr(HcHive) old_hive = open_hive(argv[1]);
    g_autoptr(HcHive) new_hive = argc > 2 ? open_hive(argv[2]) : NULL;
    g_autoptr(HcDelta) delta = NULL;
    if (old_hive == NULL || (argc > 2 && new_hive == NULL)) {
        puts("no hive");
        return 0;
    }
    const HcDeltaKey *root = read_hives(&delta, old_hive, new_hive);
    Proof proof = {0};
    if (root != NULL)
        visit(&proof, root, root->after.security);
    printf("%s, %" G_GUINT64_FORMAT " scripts, %" G_GUINT64_FORMAT " wrong\n",
           root != NULL ? "read" : "malformed", proof.n_scripts, proof.n_wrong);
    return proof.n_wrong > 0 ? 1 : 0;
}
