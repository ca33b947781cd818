#pragma once

#include "hivecore/delta/delta.h"

G_BEGIN_DECLS

/*
 * The registry of Wine: text files in which each key has a line [PATH] and its values below.
 * Source: server/registry.c of Wine, dump_* and load_*, as documented by its output; escapes are
 * those of C, and \x with up to four digits.
 */

/** Returns: whether @bytes, the start of a file, is one. */
gboolean hc_wine_is(const uint8_t *bytes, gsize n_bytes);

/**
 * hc_wine_place:
 * Returns: (transfer full): where the keys of such a file hang: HKEY_LOCAL_MACHINE (\\Machine),
 * HKEY_USERS\.DEFAULT (\\User\\.Default), HKEY_CURRENT_USER (any other \\User); NULL when it does
 * not say
 */
char *hc_wine_place(const uint8_t *bytes, gsize n_bytes);

/**
 * hc_wine_read:
 * Reads such a file into @delta, new so far: its keys, made, with their classes and links.
 *
 * Returns: FALSE with HC_ERROR_MALFORMED naming file:line; HC_ERROR_UNSUPPORTED for another version
 */
gboolean hc_wine_read(HcDelta *delta, const char *file, GBytes *content, GError **error);

G_END_DECLS
