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

#include <sys/uio.h>
// Declared by glibc only under _GNU_SOURCE.
extern ssize_t preadv2(int descriptor, const struct iovec *parts, int count, off_t offset, int flags);

// Reads what the kernel has in memory of a file, and never waits for a disk: fewer bytes than asked for, or -1 with
// EAGAIN, where it has not all; -1 with EOPNOTSUPP where a file system cannot tell.
static inline ssize_t read_cached(int descriptor, void *bytes, size_t count, off_t offset) {
  struct iovec part = {bytes, count};
  // RWF_NOWAIT
  return preadv2(descriptor, &part, 1, offset, 8);
}

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>
// Opens a file below a folder for reading: whatever links there are, none leads out of the folder (EXDEV). glibc has no
// call for it. O_NONBLOCK: a pipe in the place of a file must not hang the open.
static inline int open_beneath(int folder, const char *path) {
  struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
  return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}
