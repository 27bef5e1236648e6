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

#include <sys/statfs.h>
// `statfs` is a structure and a function, too. The number of the kind of file system; -1 when it cannot be had.
static inline long file_system_kind(const char *path) {
  struct statfs record;
  return statfs(path, &record) == 0 ? (long)record.f_type : -1;
}
