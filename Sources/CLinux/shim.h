#pragma once
// Calls that glibc declares only under _GNU_SOURCE, which Swift's Glibc module does not set.
#include <sys/statvfs.h>
#include <sys/types.h>
extern int syncfs(int descriptor);
// `statvfs` is a structure and a function: Swift sees the structure alone.
static inline int file_system_status(const char *path, struct statvfs *record) { return statvfs(path, record); }

// Declared by glibc only under _GNU_SOURCE.
extern int sync_file_range(int descriptor, off_t offset, off_t count, unsigned int flags);

static inline void start_writing(int descriptor) {
  // SYNC_FILE_RANGE_WRITE, of the whole file.
  sync_file_range(descriptor, 0, 0, 2);
}
