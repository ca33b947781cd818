#pragma once

#include "hivecore/base/trail.h"
#include "hivecore/reg/patch-text.h"

G_BEGIN_DECLS

/* Shared by patch-text.c and the forms: reg-script-writer.c, pol-writer.c. */

/** HcPatchForm: how a form says what happens to the key at .trail. */
typedef struct {
    gboolean has_no_replace; /* deltas are lowered before */

    /** begin: @delta: (nullable): what is about to be written, below .trail. */
    gboolean (*begin)(HcPatchText *text, const HcDelta *delta, GError **error);

    /** Whether anything can be said of the key at .trail itself. */
    gboolean (*says_key)(const HcPatchText *text);

    /** Returns: (nullable): static; why nothing can be said of a key of that name: "a backslash" */
    const char *(*key_trouble)(HcName name);

    void (*leave_out_key)(HcPatchText *text, const char *trouble);
    void (*delete_key)(HcPatchText *text);
    void (*leave_out)(HcPatchText *text, const char *what); /* "the class name of " */
    void (*delete_values)(HcPatchText *text);               /* all that are there */

    /** value: @datum: (nullable): NULL: it goes. Returns: whether what is written makes the key. */
    gboolean (*value)(HcPatchText *text, HcName name, const HcDatum *datum);

    /** make_key: nothing else of it is written, nor below it. */
    void (*make_key)(HcPatchText *text);

    void (*clear)(HcPatchText *text); /* (nullable) */
} HcPatchForm;

struct HcPatchText {
    const HcPatchForm *form;
    HcStream *out;    /* owned */
    HcTrail trail;    /* the key that is said something of */
    uint64_t n_moves; /* another number for another key */
    uint64_t n_left_out;
    GPtrArray *told; /* of char *, owned */
};

/** hc_patch_text_init: of zeros before. @out: a reference is taken */
void hc_patch_text_init(HcPatchText *text, const HcPatchForm *form, HcStream *out);

G_END_DECLS
