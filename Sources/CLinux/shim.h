#pragma once
// Calls that glibc declares only under _GNU_SOURCE, which Swift's Glibc module does not set.
#include <sys/statvfs.h>
extern int syncfs(int descriptor);
// `statvfs` is a structure and a function: Swift sees the structure alone.
static inline int file_system_status(const char *path, struct statvfs *record) { return statvfs(path, record); }
