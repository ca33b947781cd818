/*
 * What the test asks Wine, compiled for Windows with mingw-w64; nothing here is built otherwise.
 *
 * wine.exe descriptors: for each line of standard input, HEX TAB SDDL, prints what
 *   RtlValidRelativeSecurityDescriptor(), IsValidSid() and IsValidAcl() say of the bytes (1 or 0),
 * the SDDL that Wine makes of them, and the bytes that it makes of the SDDL, in hex; "-" where it
 * makes none. wine.exe tree PATH: prints what is below HKEY_CURRENT_USER\PATH, in the format of
 * judges.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <sddl.h>

#define MOST_PATH (1 << 17)
#define PARTS     (OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION)

/* No header has it. */
typedef BOOLEAN(NTAPI *IsValid)(PSECURITY_DESCRIPTOR, ULONG, SECURITY_INFORMATION);

static char line[1 << 20];
static BYTE bytes[1 << 19];

static DWORD
from_hex(const char *text)
{
    DWORD n = 0;
    unsigned byte;
    while (sscanf(text + 2 * n, "%2x", &byte) == 1)
        bytes[n++] = (BYTE) byte;
    memset(bytes + n, 0, SECURITY_DESCRIPTOR_MIN_LENGTH);
    return n;
}

static void
print_hex(const BYTE *data, DWORD n)
{
    for (DWORD i = 0; i < n; i++)
        printf("%02x", data[i]);
}

/* Wine's RtlValidRelativeSecurityDescriptor() does not look at parts, so they are looked at here by
 * its checks of SIDs and of access control lists. */
static BOOL
has_sound_parts(DWORD n)
{
    PSID sid = NULL;
    PACL acl = NULL;
    BOOL is_there = FALSE;
    BOOL is_default = FALSE;
    if (n < SECURITY_DESCRIPTOR_MIN_LENGTH || GetSecurityDescriptorLength(bytes) > n)
        return FALSE;
    if (!GetSecurityDescriptorOwner(bytes, &sid, &is_default) ||
        (sid != NULL && !IsValidSid(sid)) ||
        !GetSecurityDescriptorGroup(bytes, &sid, &is_default) || (sid != NULL && !IsValidSid(sid)))
        return FALSE;
    if (!GetSecurityDescriptorDacl(bytes, &is_there, &acl, &is_default) ||
        (is_there && acl != NULL && !IsValidAcl(acl)))
        return FALSE;
    return GetSecurityDescriptorSacl(bytes, &is_there, &acl, &is_default) &&
           (!is_there || acl == NULL || IsValidAcl(acl));
}

static void
descriptors(void)
{
    const IsValid is_valid = (IsValid) (void *) GetProcAddress(
        GetModuleHandleA("ntdll.dll"), "RtlValidRelativeSecurityDescriptor");
    if (is_valid == NULL)
        exit(3);
    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\r\n")] = 0;
        char *sddl = strchr(line, '\t');
        *sddl++ = 0;
        const DWORD n = from_hex(line);
        char *text = NULL;
        PSECURITY_DESCRIPTOR parsed = NULL;
        ULONG n_parsed = 0;
        const BOOL valid = is_valid(bytes, n, PARTS) && has_sound_parts(n);
        printf("%d\t", valid ? 1 : 0);
        if (valid && ConvertSecurityDescriptorToStringSecurityDescriptorA(bytes, SDDL_REVISION_1,
                                                                          PARTS, &text, NULL))
            printf("%s\t", text);
        else
            printf("-\t");
        if (ConvertStringSecurityDescriptorToSecurityDescriptorA(sddl, SDDL_REVISION_1, &parsed,
                                                                 &n_parsed))
            print_hex(parsed, n_parsed);
        else
            printf("-");
        printf("\n");
    }
}

static void
print_name(const WCHAR *name, DWORD n)
{
    for (DWORD i = 0; i < n; i++) {
        if (name[i] > 0x20 && name[i] < 0x7f && name[i] != '%' && name[i] != '\\')
            printf("%c", (char) name[i]);
        else
            printf("%%%04x", name[i]);
    }
}

/* A path of the tree: its names, separated by backslashes. */
static void
print_path(const WCHAR *path)
{
    if (*path == 0)
        printf("\\");
    while (*path != 0) {
        const DWORD n = (DWORD) wcscspn(path + 1, L"\\");
        printf("\\");
        print_name(path + 1, n);
        path += 1 + n;
    }
}

static void
tree(HKEY key, WCHAR *path)
{
    static WCHAR value[16384];
    static BYTE data[1 << 20];
    printf("key\t");
    print_path(path);
    printf("\n");
    for (DWORD i = 0;; i++) {
        DWORD n = 16384, type, size = sizeof(data);
        if (RegEnumValueW(key, i, value, &n, NULL, &type, data, &size) != ERROR_SUCCESS)
            break;
        printf("value\t");
        print_path(path);
        printf("\t");
        print_name(value, n);
        printf("\t%lu\t", type);
        print_hex(data, size);
        printf("\n");
    }
    for (DWORD i = 0;; i++) {
        WCHAR name[300];
        DWORD n = 300;
        HKEY child;
        if (RegEnumKeyExW(key, i, name, &n, NULL, NULL, NULL, NULL) != ERROR_SUCCESS)
            break;
        const size_t length = wcslen(path);
        if (length + n + 2 > MOST_PATH ||
            RegOpenKeyExW(key, name, 0, KEY_READ, &child) != ERROR_SUCCESS)
            exit(3);
        path[length] = L'\\';
        memcpy(path + length + 1, name, (n + 1) * sizeof(*name));
        tree(child, path);
        path[length] = 0;
        RegCloseKey(child);
    }
}

int
main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "descriptors") == 0) {
        descriptors();
    } else if (argc == 3 && strcmp(argv[1], "tree") == 0) {
        static WCHAR path[MOST_PATH];
        HKEY key;
        if (RegOpenKeyExA(HKEY_CURRENT_USER, argv[2], 0, KEY_READ, &key) == ERROR_SUCCESS)
            tree(key, path);
    } else {
        return 2;
    }
    return 0;
}
