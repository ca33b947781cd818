#include "config.h"

#include "hivecore/regf/open.h"
#include "tests/unit/cu.h"

/* Known answers of the .NET runtime's tests of its Marvin, MarvinTests.cs; the 64-bit ones. */
static const struct {
    uint64_t seed;
    const char *bytes;
    gsize n_bytes;
    uint64_t hash;
} answers[] = {
    {UINT64_C(0x004fb61a001bdbcc), "", 0, UINT64_C(0x30ed35c100cd3c7d)},
    {UINT64_C(0x004fb61a001bdbcc), "\xaf", 1, UINT64_C(0x48e73fc77d75ddc1)},
    {UINT64_C(0x004fb61a001bdbcc), "\xe7\x0f", 2, UINT64_C(0xb5f6e1fc485dbff8)},
    {UINT64_C(0x004fb61a001bdbcc), "\x37\xf4\x95", 3, UINT64_C(0xf0b07c789b8cf7e8)},
    {UINT64_C(0x004fb61a001bdbcc), "\x86\x42\xdc\x59", 4, UINT64_C(0x7008f2e87e9cf556)},
    {UINT64_C(0x004fb61a001bdbcc), "\x15\x3f\xb7\x98\x26", 5, UINT64_C(0xe6c08c6da2afa997)},
    {UINT64_C(0x004fb61a001bdbcc), "\x09\x32\xe6\x24\x6c\x47", 6, UINT64_C(0x6f04bf1a5ea24060)},
    {UINT64_C(0x004fb61a001bdbcc), "\xab\x42\x7e\xa8\xd1\x0f\xc7", 7, UINT64_C(0xe11847e4f0678c41)},
    {UINT64_C(0x804fb61a001bdbcc), "\xab\x42\x7e\xa8\xd1\x0f\xc7", 7, UINT64_C(0xe203987dba252fb3)},
    {UINT64_C(0x804fb61a801bdbcc), "\x00", 1, UINT64_C(0xa37fb0da2ecae06c)},
    {UINT64_C(0x804fb61a801bdbcc), "\xff\x00\xff\x00\xff\x00\xff", 7, UINT64_C(0xfdfd187b1d3ce784)},
};

static void
known_answers(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(answers); i++)
        CHECK_NUMBER(
            hc_marvin32(answers[i].seed, (const uint8_t *) answers[i].bytes, answers[i].n_bytes),
            answers[i].hash);
}

const char cu_suite[] = "marvin";

const CuCase cu_cases[] = {
    {"known answers", known_answers},
    {NULL, NULL},
};
