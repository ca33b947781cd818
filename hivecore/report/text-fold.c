#include "config.h"

#include <string.h>

#include "hivecore/report/report-private.h"

/* Lines of a value whose data is too long to lay out only to count them. */
#define LONG_VALUE_LINES 6u

/* A key with more than fits is opened when it gets as many lines; the first ones get so many more
 * where some are left. */
#define LEAST_OPEN 5u
#define FIRST_OPEN 12u

/* --- how many lines, up to a number that is enough to know --- */

static guint
lines_of_value(const HcText *text, const HcDeltaKey *key, const HcDeltaValue *value)
{
    guint n = value->reason != NULL && value->reason != key->reason ? 1 : 0;
    if (value->op == HC_VALUE_DELETE || !value->before->is_present)
        return n + 1;
    if ((uint64_t) value->before->data.n_bytes + value->after.data.n_bytes > HC_TEXT_SMALL)
        return n + LONG_VALUE_LINES;
    const HcTextLimits limits = hc_text_limits(text, 10);
    g_autoptr(GArray) lines = hc_text_value_lines(key, value, &limits, value->name.n_units);
    return n + lines->len;
}

static guint
lines_of_own(const HcText *text, const HcDeltaKey *key, guint level, guint enough)
{
    guint n = (key->reason != NULL ? 1 : 0) + (key->op == HC_KEY_REPLACE ? 1 : 0);
    n += hc_moves_has(text->moves, key) ? 1 : 0;
    if (hc_text_is_folded(text, key, level))
        return n + 1;
    if (key->op == HC_KEY_KEEP && key->changed == 0 && hc_delta_n_values(key) == 0)
        return 0;
    const HcTextLimits limits = hc_text_limits(text, 10);
    g_autoptr(GArray) lines = hc_text_key_lines(key, &limits);
    n += 1 + lines->len;
    for (guint i = 0; i < hc_delta_n_values(key) && n < enough; i++)
        n += lines_of_value(text, key, hc_delta_value(key, i));
    return n;
}

static guint
lines_of_tree(const HcText *text, const HcDeltaKey *key, guint level, guint enough)
{
    guint n = lines_of_own(text, key, level, enough);
    if (hc_text_is_folded(text, key, level) || key->op == HC_KEY_DELETE)
        return n;
    const guint below = key->op == HC_KEY_KEEP ? 0 : level + 1;
    for (guint i = 0; i < hc_delta_n_children(key) && n < enough; i++)
        n += lines_of_tree(text, hc_delta_child(key, i), below, enough - n);
    return n;
}

/* --- lines that stand for more --- */

static void
add_counts(HcDeltaCounts *sum, const HcDeltaCounts *more)
{
    sum->keys_created += more->keys_created;
    sum->keys_deleted += more->keys_deleted;
    sum->keys_replaced += more->keys_replaced;
    sum->keys_changed += more->keys_changed;
    sum->values_added += more->values_added;
    sum->values_changed += more->values_changed;
    sum->values_deleted += more->values_deleted;
}

/* One line for a key and all below it. */
static void
append_folded(HcText *text, const HcDeltaKey *key)
{
    if (key->op != HC_KEY_KEEP) {
        hc_text_own(text, key, TRUE, 0);
    } else {
        g_autoptr(GString) after = g_string_new("  ");
        const HcDeltaCounts counts = hc_delta_count_tree(key);
        (void) hc_text_append_counts(after, &counts);
        hc_text_append_key(text, '~', key, after->str);
    }
    text->n_folded++;
}

static void
append_more(HcText *text, const char *indent, guint n, const char *what,
            const HcDeltaCounts *counts)
{
    g_string_append_printf(text->out, "%s%s… %u more %s%s: ", text->margin, indent, n, what,
                           n == 1 ? "" : "s");
    (void) hc_text_append_counts(text->out, counts);
    g_string_append_c(text->out, '\n');
    text->n_folded++;
}

/* --- who gets how many lines --- */

typedef struct {
    const HcDeltaKey *key;
    guint n_wanted; /* as far as it matters */
    guint n_given;
} Share;

static guint
fair_share(guint n_lines, guint n_waiting)
{
    const guint fair = n_lines / n_waiting;
    return fair >= LEAST_OPEN ? fair : 1;
}

/* Gives each of @shares what it wants, or as much as all that want more; where that is next to
 * nothing, one line to each, and what is left to the first of them. */
static void
give_out(GArray *shares, guint n_lines)
{
    guint n_waiting = shares->len;
    gboolean is_settled = FALSE;
    while (!is_settled && n_waiting > 0) {
        const guint fair = fair_share(n_lines, n_waiting);
        is_settled = TRUE;
        for (guint i = 0; i < shares->len; i++) {
            Share *share = &g_array_index(shares, Share, i);
            if (share->n_given > 0 || share->n_wanted > fair)
                continue;
            share->n_given = share->n_wanted;
            n_lines -= MIN(n_lines, share->n_wanted);
            n_waiting--;
            is_settled = FALSE;
        }
    }
    const guint fair = n_waiting > 0 ? fair_share(n_lines, n_waiting) : 0;
    n_lines -= MIN(n_lines, n_waiting * fair);
    for (guint i = 0; n_waiting > 0 && i < shares->len; i++) {
        Share *share = &g_array_index(shares, Share, i);
        if (share->n_given > 0)
            continue;
        const guint n_wished = MIN(share->n_wanted - fair, FIRST_OPEN);
        const guint n_more = n_lines >= LEAST_OPEN ? MIN(n_lines, n_wished) : 0;
        share->n_given = fair + n_more;
        n_lines -= n_more;
    }
}

static GArray *
list_shares(const HcText *text, const HcDeltaKey *key, guint enough)
{
    GArray *shares = g_array_new(FALSE, FALSE, sizeof(Share));
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        const HcDeltaKey *child = hc_delta_child(key, i);
        const Share share = {child, lines_of_tree(text, child, 0, enough), 0};
        if (share.n_wanted > 0)
            g_array_append_val(shares, share);
    }
    return shares;
}

/* The key and as many of its values as @n_lines have room for. Returns: lines that are left */
static guint
append_some_own(HcText *text, const HcDeltaKey *key, guint n_lines)
{
    const guint n_all = lines_of_own(text, key, 0, n_lines + 1);
    if (n_all <= n_lines) {
        hc_text_own(text, key, FALSE, G_MAXUINT);
        return n_lines - n_all;
    }
    guint n_used = 2;
    guint n_shown = 0;
    const guint n_values = hc_delta_n_values(key);
    while (n_shown < n_values) {
        const guint n = lines_of_value(text, key, hc_delta_value(key, n_shown));
        if (n_used + n > n_lines)
            break;
        n_used += n;
        n_shown++;
    }
    hc_text_own(text, key, FALSE, n_shown);
    HcDeltaCounts left = {0};
    for (guint i = n_shown; i < n_values; i++) {
        const HcDeltaValue *value = hc_delta_value(key, i);
        left.values_deleted += value->op == HC_VALUE_DELETE;
        left.values_changed += value->op == HC_VALUE_SET && value->before->is_present;
        left.values_added += value->op == HC_VALUE_SET && !value->before->is_present;
    }
    if (n_shown < n_values)
        append_more(text, "    ", n_values - n_shown, "value", &left);
    return n_lines > n_used ? n_lines - n_used : 0;
}

/* Subkeys, the first of them where not all get a line. */
static void
append_shares(HcText *text, const GArray *shares, guint n_lines)
{
    const guint n_shown = shares->len <= n_lines ? shares->len : n_lines - 1;
    for (guint i = 0; i < n_shown; i++) {
        const Share *share = &g_array_index(shares, Share, i);
        if (share->n_wanted <= share->n_given)
            hc_text_tree(text, share->key, 0);
        else
            hc_text_folded_tree(text, share->key, share->n_given);
    }
    HcDeltaCounts left = {0};
    for (guint i = n_shown; i < shares->len; i++) {
        const HcDeltaCounts counts = hc_delta_count_tree(g_array_index(shares, Share, i).key);
        add_counts(&left, &counts);
    }
    if (n_shown < shares->len)
        append_more(text, "", shares->len - n_shown, "key", &left);
}

/* The first key of a path of keys without a change of their own that has more than one way on, so
 * that lines are not counted anew for each key on the path. */
static const HcDeltaKey *
end_of_path(const HcDeltaKey *key)
{
    while (key->op == HC_KEY_KEEP && key->changed == 0 && hc_delta_n_values(key) == 0 &&
           hc_delta_n_children(key) == 1)
        key = hc_delta_child(key, 0);
    return key;
}

void
hc_text_folded_tree(HcText *text, const HcDeltaKey *key, guint n_lines)
{
    key = end_of_path(key);
    if (lines_of_tree(text, key, 0, n_lines + 1) <= n_lines) {
        hc_text_tree(text, key, 0);
        return;
    }
    if (key->op != HC_KEY_KEEP || n_lines < 3) {
        append_folded(text, key);
        return;
    }
    g_autoptr(GArray) shares = list_shares(text, key, n_lines + 1);
    /* What is in the key itself comes first, and leaves a line to each subkey, or half of all. */
    const guint n_for_keys = MIN(shares->len, n_lines / 2);
    const gboolean has_own = lines_of_own(text, key, 0, 1) > 0;
    guint n_left = n_lines;
    if (has_own)
        n_left = append_some_own(text, key, MAX(n_lines - n_for_keys, 3)) + n_for_keys;
    if (shares->len == 0)
        return;
    give_out(shares, n_left);
    append_shares(text, shares, MAX(n_left, 1));
}
