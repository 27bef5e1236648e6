#pragma once
// A process of its own for code that reads bytes which nobody has verified: it has one socket to whoever started it, and
// the kernel refuses it all the rest. Raw system calls and numbers, since glibc has no calls for some of them, and
// the build machine's headers may be older than the kernel that this runs on.
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// What runs in such a process: C code alone, that calls nothing but the allocator, `read` and `write`. Swift's runtime is
// not to be entered: a thread that is not there any more may have held its locks.
//   socket: the way to whoever started it.
//   file:   an open file to read; -1: none.
// What it returns is the process's exit status.
typedef int (*confined_work)(int socket, int file);

// What holds of a confined process, one bit each.
enum { confined_by_seccomp = 1, confined_by_landlock = 2, confined_by_limits = 4, confined_process_began = 128 };

// Landlock: no file, no TCP port, no abstract socket and no process outside can be reached, as far as the kernel knows
// these words. The numbers of its calls are the same on all machines.
static inline int confine_by_landlock(void) {
  const long create = 444, restrict_self = 446;
  long version = syscall(create, NULL, (size_t)0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);
  if (version < 1) return 0;
  struct {
    uint64_t files, ports, scopes;
  } all = {
      .files = version >= 5 ? 0xFFFF : version >= 3 ? 0x7FFF : version >= 2 ? 0x3FFF : 0x1FFF,
      .ports = version >= 4 ? 3 : 0,
      .scopes = version >= 6 ? 3 : 0,
  };
  size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
  int rules = (int)syscall(create, &all, size, 0);
  if (rules < 0) return 0;
  int done = syscall(restrict_self, rules, 0) == 0;
  close(rules);
  return done;
}

#if defined(__x86_64__)
#define CONFINED_MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define CONFINED_MACHINE AUDIT_ARCH_AARCH64
#endif

// seccomp: reading and writing what is open, memory that is not executable, and the end. All else fails with EPERM; a
// call for another kind of machine ends the process.
static inline int confine_by_seccomp(void) {
#ifdef CONFINED_MACHINE
#define CONFINED_ALLOW(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CONFINED_MACHINE, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      // The x32 calls of an x86-64 kernel; no other machine has numbers as high.
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      CONFINED_ALLOW(SYS_read),
      CONFINED_ALLOW(SYS_write),
      CONFINED_ALLOW(SYS_lseek),
      CONFINED_ALLOW(SYS_fstat),
#ifdef SYS_newfstatat
      // What some versions of glibc make of fstat. It tells of a file, and opens none.
      CONFINED_ALLOW(SYS_newfstatat),
#endif
      CONFINED_ALLOW(SYS_brk),
      CONFINED_ALLOW(SYS_munmap),
      CONFINED_ALLOW(SYS_mremap),
      CONFINED_ALLOW(SYS_madvise),
      CONFINED_ALLOW(SYS_futex),
      CONFINED_ALLOW(SYS_rt_sigreturn),
      CONFINED_ALLOW(SYS_clock_gettime),
      CONFINED_ALLOW(SYS_restart_syscall),
      CONFINED_ALLOW(SYS_exit),
      CONFINED_ALLOW(SYS_exit_group),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 3),
      // The low half of the third argument, which has the protection, on a little-endian machine.
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
  };
  struct sock_fprog program = {.len = sizeof filter / sizeof *filter, .filter = filter};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
#else
  return 0;
#endif
}

// Limits that hold where the kernel has neither: no further descriptor, so no file and no connection; no core file. Who
// is root can take them off again.
static inline int confine_by_limits(void) {
  const struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  setrlimit(RLIMIT_FSIZE, &none);
  return setrlimit(RLIMIT_NOFILE, &none) == 0;
}

// The socket becomes descriptor 0, the file 1, and nothing else stays open.
static inline void keep_only(int socket, int file) {
  int one = fcntl(socket, F_DUPFD, 10), other = file < 0 ? -1 : fcntl(file, F_DUPFD, 10);
  unsigned int first = file < 0 ? 1 : 2;
  if (one < 0 || dup2(one, 0) < 0 || (file >= 0 && (other < 0 || dup2(other, 1) < 0))) _exit(126);
  // close_range, which kernels before 5.9 do not have.
  if (syscall(436, first, ~0U, 0) == 0) return;
  struct rlimit limit = {0, 0};
  unsigned int last = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < (1 << 20) ? (unsigned int)limit.rlim_cur : 1 << 20;
  for (unsigned int number = first; number < last; number++) close((int)number);
}

// No handler of whoever started it runs in this process; it ends when its socket does, not by a key of the terminal.
static inline void forget_signals(void) {
  for (int number = 1; number < 65; number++) signal(number, SIG_DFL);
  const int passed[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP};
  for (size_t index = 0; index < sizeof passed / sizeof *passed; index++) signal(passed[index], SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

// When memory is short, this process goes first.
static inline void be_first_to_go(void) {
  int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (score < 0) return;
  ssize_t written = write(score, "1000", 4);
  (void)written;
  close(score);
}

static inline _Noreturn void run_confined(confined_work work, int socket, int file, int refused) {
  forget_signals();
  be_first_to_go();
  keep_only(socket, file);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  unsigned char held = confined_process_began;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && !refused && confine_by_landlock()) held |= confined_by_landlock;
  if (confine_by_limits()) held |= confined_by_limits;
  if (!refused && confine_by_seccomp()) held |= confined_by_seccomp;
  if (write(0, &held, 1) != 1) _exit(126);
  _exit(work(0, file < 0 ? -1 : 1));
}

// Starts a confined process.
//   refused: do as if the kernel had neither Landlock nor seccomp.
// Gives this side's end of the socket, or -1 and errno. The first byte that comes from it says what holds.
static inline int start_confined(confined_work work, int file, int refused, pid_t *process) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t started = fork();
  if (started == 0) run_confined(work, ends[1], file, refused);
  int reason = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(ends[1]);
  if (started < 0) {
    close(ends[0]);
    errno = reason;
    return -1;
  }
  *process = started;
  return ends[0];
}

// MARK: - Looking whether it holds

// What a confined process tries that it must not be able to: for each the reason that it failed with, 0 where it could.
struct confined_attempts {
  int32_t use_file, open_file, make_file, connect, fork, kill, map_code, execute;
};

// Tries to leave, and tells how it went. Whether another program could be started comes last, in bytes of its own: if it
// could, nothing comes.
static inline int try_to_leave(int starter, int file) {
  (void)file;
  struct confined_attempts tried = {0};
  // Whatever the starter had open, but the socket.
  tried.use_file = EBADF;
  for (int number = 1; number < 4096; number++) {
    if (read(number, &tried, 0) == 0 || errno != EBADF) tried.use_file = 0;
  }
  int opened = open("/proc/self/status", O_RDONLY);
  tried.open_file = opened < 0 ? errno : 0;
  int made = open("/tmp", O_WRONLY | 020200000 /* O_TMPFILE */, 0600);
  tried.make_file = made < 0 ? errno : 0;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = 0x0900, .sin_addr = {0x0100007F}};
  int door = socket(AF_INET, SOCK_STREAM, 0);
  tried.connect = door < 0 ? errno : connect(door, (struct sockaddr *)&address, sizeof address) < 0 ? errno : 0;
  pid_t born = fork();
  tried.fork = born < 0 ? errno : 0;
  if (born == 0) _exit(0);
  tried.kill = kill(getppid(), 0) < 0 ? errno : 0;
  void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  tried.map_code = code == MAP_FAILED ? errno : 0;
  if (write(starter, &tried, offsetof(struct confined_attempts, execute)) < 0) return 125;
  char *const arguments[] = {(char *)"true", NULL};
  execve("/bin/true", arguments, arguments + 1);
  tried.execute = errno;
  return write(starter, &tried.execute, sizeof tried.execute) < 0 ? 125 : 0;
}

// Ends by a signal, as damaged memory does.
static inline int end_by_signal(int socket, int file) {
  (void)socket;
  (void)file;
  *(volatile int *)8 = 1;
  return 0;
}

// Waits for the end of what it is sent, and says nothing.
static inline int say_nothing(int socket, int file) {
  (void)file;
  char bytes[4096];
  while (read(socket, bytes, sizeof bytes) > 0) continue;
  for (;;) file = (int)read(socket, bytes, 0);
}
