#pragma once

#include <stdint.h>

/*
 * What edit-hivex, the program that runs hivex, is given and gives back. Plain C without GLib: that
 * program starts fast and has nothing in it but hivex.
 *
 * It is started with these descriptors and no others, no arguments, and no environment.
 */

enum {
    HC_EDIT_SCRIPT_FD = 0, /* to read: the script */
    HC_EDIT_RECORD_FD = 1, /* a file of HC_RECORD_BYTES zeros: the record */
    HC_EDIT_STDERR_FD = 2, /* what C libraries say when they end a program */
    HC_EDIT_HIVE_FD = 3,   /* to read: the hive */
    HC_EDIT_OUTPUT_FD = 4, /* to write: an empty file, gets the edited hive */
};

/* Of script and record: the two programs must be of one version. */
#define HC_SCRIPT_MAGIC UINT32_C(0x31455848)

/*
 * The script: a header, then calls of hivex one after another. Numbers are little-endian; a text
 * is its length, the bytes, and a NUL that the length does not count; there is none inside.
 */
enum {
    HC_SCRIPT_HEADER_MAGIC = 0,
    HC_SCRIPT_HEADER_PARENT = 4,  /* process ID of who starts the program */
    HC_SCRIPT_HEADER_N_CALLS = 8, /* at least 1 */
    HC_SCRIPT_HEADER_BYTES = 12,
};

/* Begins a call. A key, 64 bits, is its offset in the file, or HC_SCRIPT_MADE and the number of the
 * call, from 0, that made it. */
typedef enum {
    HC_CALL_ADD = 1,    /* key; text: name of a new subkey */
    HC_CALL_DELETE = 2, /* key */
    HC_CALL_VALUES = 3, /* key; count; for each: type, text: name, length, bytes of data */
} HcCall;

#define HC_SCRIPT_MADE (UINT64_C(1) << 63)

/* The record, written as things happen. */
enum {
    HC_RECORD_MAGIC = 0,
    HC_RECORD_STATE = 4,    /* HcRecordState */
    HC_RECORD_N_CALLS = 8,  /* of the script, that were made and succeeded */
    HC_RECORD_ERRNO = 12,   /* of a state that is a failure */
    HC_RECORD_N_BYTES = 16, /* 64 bits, of HC_RECORD_DONE: size of the edited hive */
    HC_RECORD_BYTES = 24,
};

typedef enum {
    HC_RECORD_STARTED = 0,
    HC_RECORD_DONE = 1,          /* all calls succeeded and the hive is in the output */
    HC_RECORD_BAD_SCRIPT = 2,    /* the script ends early, or is of another version */
    HC_RECORD_NO_ICONV = 3,      /* the C library does not give the conversions of names */
    HC_RECORD_OPEN_FAILED = 4,   /* hivex_open() */
    HC_RECORD_CALL_FAILED = 5,   /* the call after those that succeeded */
    HC_RECORD_COMMIT_FAILED = 6, /* hivex_commit() */
    HC_RECORD_CALLING = 7,       /* hivex has opened the hive; the calls are being made */
} HcRecordState;
