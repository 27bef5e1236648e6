#pragma once
// What a confined process does with an archive of somebody else's (confined_work of CLinux): it tells the names in it.
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// How much is read at the most: entries; bytes of one name, a longer one is left out; bytes that are unpacked on the way.
struct listing_bounds {
  uint64_t entries, name_bytes, unpacked_bytes;
};

// Exit statuses: 0 when all names were told.
enum { listing_is_no_archive = 1, listing_is_a_part = 2, listing_failed = 3 };

static inline int listing_write(int to, const void *bytes, size_t count) {
  const char *next = bytes;
  while (count > 0) {
    ssize_t some = write(to, next, count);
    if (some < 0 && errno == EINTR) continue;
    if (some < 0) return 0;
    next += some;
    count -= (size_t)some;
  }
  return 1;
}

// Passes over an entry's bytes: 0 when that unpacks too much, or fails.
static inline int listing_pass(struct archive *archive, uint64_t limit) {
  const void *start;
  size_t size;
  la_int64_t offset;
  for (;;) {
    if ((uint64_t)archive_filter_bytes(archive, 0) > limit) return 0;
    int result = archive_read_data_block(archive, &start, &size, &offset);
    if (result == ARCHIVE_EOF) return 1;
    if (result != ARCHIVE_OK) return 0;
  }
}

// Takes the bounds, and tells each name of a file: four bytes with its length, and its bytes.
static inline int list_names(int socket, int file) {
  struct listing_bounds bounds;
  size_t come = 0;
  while (come < sizeof bounds) {
    ssize_t some = read(socket, (char *)&bounds + come, sizeof bounds - come);
    if (some < 0 && errno == EINTR) continue;
    if (some <= 0) return listing_failed;
    come += (size_t)some;
  }
  struct archive *archive = archive_read_new();
  if (!archive) return listing_failed;
  archive_read_support_filter_gzip(archive);
  archive_read_support_format_tar(archive);
  // By its directory at the end: what that does not name, no other program unpacks either.
  archive_read_support_format_zip_seekable(archive);
  archive_read_support_format_cab(archive);
  if (archive_read_open_fd(archive, file, 1 << 16) != ARCHIVE_OK) return listing_is_no_archive;
  for (uint64_t count = 0; count < bounds.entries;) {
    struct archive_entry *entry = NULL;
    int result = archive_read_next_header(archive, &entry);
    // An empty file is an empty archive to libarchive.
    if (result == ARCHIVE_EOF) return count > 0 ? 0 : listing_is_no_archive;
    if ((result != ARCHIVE_OK && result != ARCHIVE_WARN) || !entry) return count > 0 ? listing_is_a_part : listing_is_no_archive;
    count++;
    const char *name = archive_entry_filetype(entry) == S_IFREG ? archive_entry_pathname(entry) : NULL;
    uint32_t length = name ? (uint32_t)strnlen(name, bounds.name_bytes + 1) : 0;
    if (length > 0 && length <= bounds.name_bytes) {
      if (!listing_write(socket, &length, sizeof length) || !listing_write(socket, name, length)) return listing_failed;
    }
    // In a packed stream the next name lies behind this entry's bytes: they are counted, not skipped unseen.
    if (archive_filter_count(archive) > 1 && !listing_pass(archive, bounds.unpacked_bytes)) return listing_is_a_part;
  }
  return listing_is_a_part;
}
