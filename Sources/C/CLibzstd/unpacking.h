#pragma once
// What a confined process does with frames of strangers (confined_work of CLinux). Nothing but zstd, the allocator, `read`
// and `write` is called.
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>

// Exit statuses besides zstd's error codes, all of which are lower.
enum { unpacking_failed_to_read = 121, unpacking_cut_short = 123 };

// The largest window, as a power of two: 128 MiB.
enum { unpacking_largest_window = 27 };

static inline int unpacking_write(int to, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t some = write(to, bytes, count);
    if (some < 0 && errno == EINTR) continue;
    if (some < 0) return 0;
    bytes += some;
    count -= (size_t)some;
  }
  return 1;
}

// Reads exactly so many bytes: 1; 0 at an end before the first; -1 else.
static inline int unpacking_read(int from, char *bytes, size_t count) {
  size_t done = 0;
  while (done < count) {
    ssize_t some = read(from, bytes + done, count - done);
    if (some < 0 && errno == EINTR) continue;
    if (some < 0) return -1;
    if (some == 0) return done == 0 ? 0 : -1;
    done += (size_t)some;
  }
  return 1;
}

// Unpacks frames, one after the other, until what comes ends: the exit status, 0 when the last one is whole.
static inline int unpack_frames(int socket, int file) {
  (void)file;
  const size_t room = 1 << 17;
  ZSTD_DStream *stream = ZSTD_createDStream();
  char *packed = malloc(room), *plain = malloc(room);
  if (!stream || !packed || !plain) return ZSTD_error_memory_allocation;
  ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, unpacking_largest_window);
  size_t lacking = 1;
  for (;;) {
    ssize_t count = read(socket, packed, room);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unpacking_failed_to_read;
    if (count == 0) return lacking == 0 ? 0 : unpacking_cut_short;
    ZSTD_inBuffer in = {packed, (size_t)count, 0};
    size_t filled = 0;
    // Full room may mean that more waits inside; a frame that has ended has nothing more.
    while (in.pos < in.size || (filled == room && lacking != 0)) {
      ZSTD_outBuffer out = {plain, room, 0};
      lacking = ZSTD_decompressStream(stream, &out, &in);
      if (ZSTD_isError(lacking)) return (int)ZSTD_getErrorCode(lacking);
      if (!unpacking_write(socket, plain, out.pos)) return 0;
      filled = out.pos;
    }
  }
}

// A patch to apply: so many bytes of prefix and of a frame follow, which make so many.
struct patch_request {
  uint64_t prefix, frame, size;
};

// zstd's error code, 0 for none; how many bytes were made, and follow.
struct patch_answer {
  uint64_t error, count;
};

// Applies patches until there is no further request.
static inline int apply_patches(int socket, int file) {
  (void)file;
  ZSTD_DCtx *context = ZSTD_createDCtx();
  if (!context) return ZSTD_error_memory_allocation;
  for (;;) {
    struct patch_request request;
    int come = unpacking_read(socket, (char *)&request, sizeof request);
    if (come <= 0) return come == 0 ? 0 : unpacking_failed_to_read;
    char *given = malloc(request.prefix + request.frame + 1), *made = malloc(request.size + 1);
    if (!given || !made) return ZSTD_error_memory_allocation;
    if (unpacking_read(socket, given, request.prefix + request.frame) < 0) return unpacking_failed_to_read;
    ZSTD_DCtx_reset(context, ZSTD_reset_session_and_parameters);
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, unpacking_largest_window);
    size_t result = request.prefix == 0 ? 0 : ZSTD_DCtx_refPrefix(context, given, request.prefix);
    if (!ZSTD_isError(result)) {
      result = ZSTD_decompressDCtx(context, made, request.size, given + request.prefix, request.frame);
    }
    int failed = ZSTD_isError(result);
    struct patch_answer answer = {failed ? (uint64_t)ZSTD_getErrorCode(result) : 0, failed ? 0 : result};
    if (!unpacking_write(socket, (const char *)&answer, sizeof answer)) return 0;
    if (!failed && !unpacking_write(socket, made, result)) return 0;
    free(given);
    free(made);
  }
}
