#include "config.h"

#include "hivecore/base/limits.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/layout.h"
#include "tests/unit/cu.h"
#include "tests/unit/hive-image.h"

/* The check: base block, bins, references and totals. */

/* What is left when the subtree below a broken reference is not seen. */
#define UNSEEN " keys-unreached[-] cells-unreached[-]"

static void
sound(void)
{
    g_autofree char *hex = g_strnfill(2 * 40000, '5');
    g_autofree char *text =
        g_strdup_printf("[A]\n=1:410042000000\nn=4:04030201\nempty=7:\n!class=41004200\n"
                        "[A\\big]\nbig=3:%s\n[B]\n[C]\n!flags=10",
                        hex);
    for (guint minor = 3; minor <= 6; minor++)
        image_check(image_new(text, minor), "");
}

static void
base_block(void)
{
    Image wrong = image_new("", 5);
    const uint32_t sum = hc_get32(wrong.bytes + HC_BASE_CHECKSUM);
    wrong.bytes[HC_BASE_CHECKSUM] ^= 1;
    g_autofree char *line = g_strdup_printf("error base-checksum 0x1fc [-]: base block: the "
                                            "checksum is wrong (it is 0x%08x, computed 0x%08x)\n",
                                            sum ^ 1, sum);
    image_check(wrong, line);

    /* A sum of 0 is stored as 1, one of 0xffffffff as 0xfffffffe. */
    for (guint i = 0; i < 2; i++) {
        Image special = image_new("", 5);
        hc_put32(special.bytes + 0x1f8, sum ^ (i == 0 ? 0 : 0xffffffff));
        hc_put32(special.bytes + HC_BASE_CHECKSUM, i == 0 ? 1 : 0xfffffffe);
        Image bad = {g_memdup2(special.bytes, special.n_bytes), special.n_bytes};
        image_check(special, "");
        hc_put32(bad.bytes + HC_BASE_CHECKSUM, i == 0 ? 0 : 0xffffffff);
        image_check(bad, i == 0 ? "error base-checksum 0x1fc [-]: base block: the checksum is "
                                  "wrong (it is 0x00000000, computed 0x00000001)\n"
                                : "error base-checksum 0x1fc [-]: base block: the checksum is "
                                  "wrong (it is 0xffffffff, computed 0xfffffffe)\n");
    }

    Image many = image_new("", 5);
    hc_put32(many.bytes + HC_BASE_SEQUENCE1, 7);
    hc_put32(many.bytes + HC_BASE_TYPE, 1);
    hc_put32(many.bytes + HC_BASE_MINOR, 9);
    hc_put32(many.bytes + HC_BASE_BINS_BYTES, 0x3000);
    image_sign(&many);
    image_check(many, "error base-type 0x1c [-]: base block: file type or format is none of a "
                      "primary hive file (type 1, format 1)\n"
                      "error base-version 0x14 [-]: base block: the version is none of 1.2 to "
                      "1.6 (it is 1.9)\n"
                      "warning base-dirty 0x4 [-]: base block: the sequence numbers differ: "
                      "changes are still in the logs (7 and 1)\n"
                      "error bins-cut 0x28 [-]: base block: the file ends before the hive bins "
                      "do (it promises 12288 bytes of them, the file has 4096)\n");
}

static void
bins(void)
{
    /* With a wrong checksum the size is not believed, and bins that follow count. */
    Image small = image_large(100);
    const uint32_t bins_bytes = (uint32_t) small.n_bytes - HC_BASE_BLOCK_BYTES;
    hc_put32(small.bytes + HC_BASE_BINS_BYTES, 0x1000);
    const uint32_t sum = hc_get32(small.bytes + HC_BASE_CHECKSUM);
    g_autofree char *lines = g_strdup_printf(
        "error base-checksum 0x1fc [-]: base block: the checksum is wrong (it is 0x%08x, computed "
        "0x%08x)\nerror bins-go-on 0x28 [-]: base block: hive bins go on after the size that the "
        "base block gives (it says 4096 bytes, they have %u)\n",
        sum, sum ^ bins_bytes ^ 0x1000, bins_bytes);
    image_check(small, lines);

    Image trailing = image_new("", 5);
    trailing.bytes = g_realloc(trailing.bytes, trailing.n_bytes + 7);
    memset(trailing.bytes + trailing.n_bytes, 0xaa, 7);
    trailing.n_bytes += 7;
    image_check(trailing,
                "note trailing-bytes 0x2000 [-]: file: bytes follow the hive bins (7 bytes)\n");

    /* Either the signature or the offset is enough to believe the rest. */
    Image magic = image_new("[A]", 5);
    magic.bytes[0x1000] = 'g';
    image_check(magic, "error bin-signature 0x1000 [-]: hive bin: the signature is not \"hbin\"\n");
    Image fields = image_new("[A]", 5);
    hc_put32(fields.bytes + 0x1000 + HC_HBIN_OFFSET, 0x2000);
    hc_put32(fields.bytes + 0x1000 + HC_HBIN_SIZE, 0x800);
    image_check(fields, "error bin-size 0x1000 [-]: hive bin: its size is not a multiple of "
                        "4096 that fits (it is 0x800)\n"
                        "error bin-offset 0x1000 [-]: hive bin: its offset field does not say "
                        "where it is (it says 0x2000)\n");
    Image lost = image_new("[A]", 5);
    memset(lost.bytes + 0x1000, 0xaa, 32);
    image_check(lost, "error bin-signature 0x1000 [-]: hive bin: the signature is not \"hbin\"\n");

    /* After a cell whose size is wrong, all else of the tree is still found. */
    Image size = image_new("[A]\n[B]\n[C]", 5);
    const uint32_t at = image_subkey(&size, 1);
    hc_put32(image_cell(&size, at) - 4, 0u - 0x7000u);
    g_autofree char *size_lines = g_strdup_printf(
        "error cell-size 0x%x [-]: cell: its size is not a multiple of 8 that fits its hive bin "
        "(-0x7000)\nerror cell-fit 0x%x [\\]: key: the cell does not fit the hive bins\n",
        at + 0x1000, at + 0x1000);
    image_check(size, size_lines);
}

static void
references(void)
{
    Image outside = image_new("[A]", 5);
    hc_put32(image_entry(&outside, 0), 0x7ff8);
    image_check_ids(outside, "cell-outside[\\]" UNSEEN " key-max-large[-]");

    Image no_key = image_new("[A]", 5);
    hc_put32(image_entry(&no_key, 0), hc_get32(image_root(&no_key) + HC_NK_SECURITY));
    image_check_ids(no_key, "key-signature[\\]" UNSEEN " key-max-large[-]");

    /* The offset leads to a cell of its own inside another one. */
    Image middle = image_new("v=3:0102030405060708ff0102030405060708", 5);
    uint8_t *vk = image_cell(&middle, image_value(&middle, 0));
    const uint32_t data = hc_get32(vk + HC_VK_DATA);
    hc_put32(image_cell(&middle, data) + 4, 0u - 16);
    hc_put32(vk + HC_VK_DATA, data + 8);
    hc_put32(vk + HC_VK_DATA_BYTES, 8);
    image_check_ids(middle, "cell-middle[\\] cells-unreached[-] key-max-large[-]");

    Image twice = image_new("v=3:0102030405\nw=3:0102030405", 5);
    hc_put32(image_cell(&twice, image_value(&twice, 1)) + HC_VK_DATA,
             hc_get32(image_cell(&twice, image_value(&twice, 0)) + HC_VK_DATA));
    image_check_ids(twice, "cell-twice[\\] cells-unreached[-]");

    Image loop = image_new("[A]\n[B]", 5);
    uint8_t *a = image_cell(&loop, image_subkey(&loop, 0));
    hc_put32(a + HC_NK_N_SUBKEYS, 1);
    hc_put32(a + HC_NK_SUBKEYS, hc_get32(image_root(&loop) + HC_NK_SUBKEYS));
    image_check_ids(loop, "cell-twice[A]");

    Image above = image_new("[A]\n[B]", 5);
    hc_put32(image_entry(&above, 1), 0x20);
    image_check_ids(above, "key-parent[ROOT] key-loop[ROOT] security-references[-]" UNSEEN);

    Image parent = image_new("[A]\n[B]", 5);
    hc_put32(image_cell(&parent, image_subkey(&parent, 1)) + HC_NK_PARENT,
             image_subkey(&parent, 0));
    image_check_ids(parent, "key-parent[B]");
}

static void
totals(void)
{
    Image slack = image_new("v=3:0102030405\nw=3:0102030405", 5);
    for (guint i = 0; i < 2; i++)
        image_cell(&slack,
                   hc_get32(image_cell(&slack, image_value(&slack, i)) + HC_VK_DATA))[5 + i] = 0xaa;
    const uint32_t free_cell = hc_get32(slack.bytes + 0x1000 + HC_HBIN_SIZE) - 16;
    memset(slack.bytes + 0x1000 + free_cell, 0xbb, 3);
    g_autoptr(HcHive) hive = image_open(slack);
    g_autoptr(HcFindings) findings = hc_findings_new(NULL, HC_MAX_FINDINGS);
    hc_hive_check_all(hive, findings, NULL);
    CHECK_NUMBER(findings->list->len, 2);
    const HcFinding *first = g_ptr_array_index(findings->list, 0);
    const HcFinding *second = g_ptr_array_index(findings->list, 1);
    CHECK_STRING(first->text,
                 "cells: bytes after the content of cells are not zero (2 cells, 2 bytes)");
    CHECK_STRING(second->text, "cells: free cells hold bytes that are not zero (1 cell, 3 bytes)");
    CHECK_NUMBER(findings->n[HC_SEVERITY_NOTE], 2);
}

/* Of each severity so many findings are listed, and all counted. */
static void
many_findings(void)
{
    const guint n = 1500;
    Image image = image_large(n);
    uint8_t *index = image_cell(&image, hc_get32(image_root(&image) + HC_NK_SUBKEYS));
    for (guint i = 0; i < hc_get16(index + HC_LIST_COUNT); i++) {
        uint8_t *leaf = image_cell(&image, hc_get32(index + HC_LIST_ENTRIES + 4 * i));
        for (guint k = 0; k < hc_get16(leaf + HC_LIST_COUNT); k++) {
            leaf[HC_LIST_ENTRIES + 8 * k + 4] ^= 1;
            uint8_t *nk = image_cell(&image, hc_get32(leaf + HC_LIST_ENTRIES + 8 * k));
            hc_put16(nk + HC_NK_FLAGS, HC_KEY_FLAG_LATIN1 | HC_KEY_FLAG_ROOT);
        }
    }
    HcCheckCounts counts;
    g_autoptr(HcHive) hive = image_open(image);
    g_autoptr(HcFindings) findings = hc_findings_new(NULL, HC_MAX_FINDINGS);
    hc_hive_check_all(hive, findings, &counts);
    CHECK_NUMBER(findings->n[HC_SEVERITY_ERROR], n);
    CHECK_NUMBER(findings->n[HC_SEVERITY_WARNING], n);
    CHECK_NUMBER(findings->list->len, 2 * HC_MAX_FINDINGS);
    CHECK_NUMBER(findings->n_unlisted, 2 * (n - HC_MAX_FINDINGS));
    CHECK_NUMBER(counts.n_keys, n + 1);
}

/* Every kind has an identifier of its own, and a text. */
static void
identifiers(void)
{
    for (guint i = 0; i < HC_N_FAULTS; i++) {
        const HcFaultInfo *info = hc_fault_info((HcFaultKind) i);
        CU_ASSERT_PTR_NOT_NULL_FATAL(info->id);
        CU_ASSERT_PTR_NOT_NULL(info->text);
        for (guint k = 0; k < i; k++)
            CU_ASSERT_STRING_NOT_EQUAL(info->id, hc_fault_info((HcFaultKind) k)->id);
    }
}

const char cu_suite[] = "check";
const CuCase cu_cases[] = {{"sound", sound},
                           {"base block", base_block},
                           {"bins", bins},
                           {"references", references},
                           {"totals", totals},
                           {"many findings", many_findings},
                           {"identifiers", identifiers},
                           {NULL, NULL}};
