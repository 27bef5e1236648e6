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

// Opens a name below a folder, through no link at all: ELOOP where there is one, EXDEV where the name would lead out.
// O_NONBLOCK: a pipe in the place of a file must not hang the open.
static inline int open_unlinked(int folder, const char *path, int flags, unsigned int mode) {
  struct open_how how = {
      .flags = (unsigned int)flags | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW,
      .mode = flags & O_CREAT ? mode : 0,
      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
  };
  return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

// Opens a name in a folder (one name, no path) that is no link, for kernels without openat2.
static inline int open_name(int folder, const char *name, int flags, unsigned int mode) {
  return openat(folder, name, flags | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, mode);
}

#include <errno.h>
#include <sys/stat.h>
// Whether a name is that of something with no bytes of its own: a pipe, a socket, a device. A link is not looked through.
static inline int is_no_storage(int folder, const char *name) {
  struct stat record;
  return fstatat(folder, name, &record, AT_SYMLINK_NOFOLLOW) == 0 &&
         !(S_ISREG(record.st_mode) || S_ISDIR(record.st_mode) || S_ISLNK(record.st_mode));
}

// As open_name, for what is to be read as a file: EINVAL for a pipe, a socket or a device, which is not opened, since to
// open a device may have effects. Kernels say ENXIO of a socket, which is what they say of a disk that has gone. Of what
// is to be a folder, or new, they decide rightly by themselves.
static inline int open_stored(int folder, const char *name, int flags, unsigned int mode) {
  if (flags & (O_CREAT | O_DIRECTORY)) return open_name(folder, name, flags, mode);
  int opened = -1;
  if (is_no_storage(folder, name)) errno = EINVAL;
  else opened = open_name(folder, name, flags, mode);
  // It may have taken the file's place meanwhile.
  if (opened < 0 && errno == ENXIO) errno = is_no_storage(folder, name) ? EINVAL : ENXIO;
  return opened;
}

// The folder that paths are looked up from.
static const int working_folder = AT_FDCWD;

// O_PATH, which Swift cannot import.
#ifndef O_PATH
#define O_PATH 010000000
#endif
static const int open_for_reaching = O_PATH | O_DIRECTORY;

// Lets two names change places in one step (RENAME_EXCHANGE): EINVAL or ENOSYS where a file system or kernel cannot.
static inline int exchange_names(int folder, const char *name, int other_folder, const char *other) {
  return (int)syscall(SYS_renameat2, folder, name, other_folder, other, 2);
}

// The access control list of a file, which Swift's headers have no call for; -1 where it has none.
#include <sys/xattr.h>
static inline ssize_t access_list_of(const char *path, void *bytes, size_t size) {
  return lgetxattr(path, "system.posix_acl_access", bytes, size);
}

static inline int is_folder_link(int folder, const char *name) {
  struct stat record;
  return fstatat(folder, name, &record, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(record.st_mode);
}

// As above, of an open file.
static inline int file_system_status_of(int descriptor, struct statvfs *record) { return fstatvfs(descriptor, record); }
// The number of the kind of file system that it lies on; -1 when it cannot be had.
static inline long file_system_kind_of(int descriptor) {
  struct statfs record;
  return fstatfs(descriptor, &record) == 0 ? (long)record.f_type : -1;
}

#include <linux/futex.h>
#include <stdint.h>
#include <sys/mman.h>
// Writes to each page of memory without changing it: an atomic OR with 0, made by the kernel, which says EFAULT where the
// program itself would die of SIGBUS.
static inline int touch_memory(char *start, size_t size) {
  uint32_t nobody = 0;
  for (size_t offset = 0; offset < size; offset += 4096) {
    long woken = syscall(SYS_futex, &nobody, FUTEX_WAKE_OP, 0, NULL, start + offset,
                         FUTEX_OP(FUTEX_OP_OR, 0, FUTEX_OP_CMP_EQ, 0));
    if (woken < 0) return errno;
  }
  return 0;
}

// Has the file system give shared memory of a file its room now. 0, or EFAULT where it has none for it: whoever wrote there
// would die of SIGBUS. What the kernel does not say is no failure.
static inline int back_memory(void *start, size_t size) {
  // MADV_POPULATE_WRITE, which kernels before 5.14 do not have.
  int reason = 0;
  do reason = madvise(start, size, 23) == 0 ? 0 : errno;
  while (reason == EAGAIN || reason == EINTR);
  if (reason == EINVAL) reason = touch_memory((char *)start, size);
  return reason == EFAULT ? EFAULT : 0;
}

#include "confined.h"
