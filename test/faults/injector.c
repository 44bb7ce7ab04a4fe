/*
 * Loaded into every process of the installation under test (LD_PRELOAD): moves its wall clock, fills its disk, and notes
 * what was written and not yet synced, so that a power cut can be played afterwards. The product knows nothing of it.
 * Layout of the control file: injector.ts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 3, MAX_FD = 1024, PAGE = 4096, PAGE_BYTES = 32768 };
static const char *const suffixes[FILES] = {"/store.db", "/store.db-wal", "/journal"};

struct control {
  volatile int64_t offset_ms;
  volatile int64_t disk_full;
  /* Of each file: bytes [from, to) written since the last sync; from = -1 when there are none. */
  volatile struct { int64_t from, to; } unsynced[FILES];
  /* Of store.db, which is written page by page in any order: one bit for each page written since the last sync. */
  volatile uint8_t pages[PAGE_BYTES];
};

static struct control *control;
static char file_of[MAX_FD]; /* 0: not ours; else 1 + index into suffixes */
static char preload[512], path[512];

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void load(void) {
  const char *from = getenv("FAULTS_CONTROL"), *so = getenv("LD_PRELOAD");
  if (from == NULL || so == NULL) return;
  strncpy(path, from, sizeof path - 1);
  strncpy(preload, so, sizeof preload - 1);
  int fd = REAL(open)(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *at = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at != MAP_FAILED) control = at;
  REAL(close)(fd);
}

/* The supervisor hands its children a bare environment: this goes along all the same. */
int execvp(const char *file, char *const argv[]) {
  static int (*next)(const char *, char *const[]);
  next = real("execvp");
  if (control != NULL) {
    setenv("LD_PRELOAD", preload, 1);
    setenv("FAULTS_CONTROL", path, 1);
  }
  return next(file, argv);
}

/* The clock. */
static int64_t offset_ms(void) { return control == NULL ? 0 : control->offset_ms; }

int clock_gettime(clockid_t id, struct timespec *ts) {
  static int (*next)(clockid_t, struct timespec *);
  if (next == NULL) next = real("clock_gettime");
  int result = next(id, ts);
  if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
    int64_t ms = offset_ms();
    ts->tv_sec += ms / 1000;
    ts->tv_nsec += (ms % 1000) * 1000000;
    if (ts->tv_nsec < 0) ts->tv_nsec += 1000000000, ts->tv_sec--;
    if (ts->tv_nsec >= 1000000000) ts->tv_nsec -= 1000000000, ts->tv_sec++;
  }
  return result;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone) {
  (void)zone;
  struct timespec ts;
  int result = clock_gettime(CLOCK_REALTIME, &ts);
  if (tv != NULL) tv->tv_sec = ts.tv_sec, tv->tv_usec = ts.tv_nsec / 1000;
  return result;
}

time_t time(time_t *at) {
  struct timespec ts;
  clock_gettime(CLOCK_REALTIME, &ts);
  if (at != NULL) *at = ts.tv_sec;
  return ts.tv_sec;
}

/* Which file a descriptor is. */
static int opened(int fd, const char *name) {
  if (fd < 0 || fd >= MAX_FD) return fd;
  file_of[fd] = 0;
  size_t length = strlen(name);
  for (int n = 0; n < FILES; n++) {
    size_t end = strlen(suffixes[n]);
    if (length >= end && strcmp(name + length - end, suffixes[n]) == 0) file_of[fd] = 1 + n;
  }
  return fd;
}

static mode_t mode_in(int flags, va_list rest) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; }

#define OPEN(symbol)                                                  \
  int symbol(const char *name, int flags, ...) {                      \
    static int (*next)(const char *, int, ...);                       \
    if (next == NULL) next = real(#symbol);                           \
    va_list rest;                                                     \
    va_start(rest, flags);                                            \
    mode_t mode = mode_in(flags, rest);                               \
    va_end(rest);                                                     \
    return opened(next(name, flags, mode), name);                     \
  }
OPEN(open)
OPEN(open64)

int close(int fd) {
  static int (*next)(int);
  if (next == NULL) next = real("close");
  if (fd >= 0 && fd < MAX_FD) file_of[fd] = 0;
  return next(fd);
}

/* The disk. Only what would make a file longer is refused, as a file system without copy-on-write does it. */
static int is_full(int fd, int64_t offset, size_t length) {
  if (control == NULL || control->disk_full == 0) return 0;
  /* 2: the store lies on a file system of its own, and only that is full. */
  if (control->disk_full == 2 && (fd < 0 || fd >= MAX_FD || file_of[fd] == 0 || file_of[fd] == FILES)) return 0;
  struct stat file;
  if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode) || offset + (int64_t)length <= file.st_size) return 0;
  errno = ENOSPC;
  return 1;
}

static void wrote(int fd, int64_t offset, size_t length) {
  if (control == NULL || fd < 0 || fd >= MAX_FD || file_of[fd] == 0) return;
  volatile __typeof__(control->unsynced[0]) *range = &control->unsynced[file_of[fd] - 1];
  int64_t to = offset + (int64_t)length;
  if (file_of[fd] == 1)
    for (int64_t page = offset / PAGE; page * PAGE < to && page < PAGE_BYTES * 8; page++)
      control->pages[page / 8] |= (uint8_t)(1 << (page % 8));
  if (range->from < 0) range->to = to, range->from = offset;
  else {
    if (offset < range->from) range->from = offset;
    if (to > range->to) range->to = to;
  }
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t offset) {
  static ssize_t (*next)(int, const void *, size_t, off_t);
  if (next == NULL) next = real("pwrite64");
  if (is_full(fd, offset, size)) return -1;
  wrote(fd, offset, size);
  return next(fd, data, size, offset);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) { return pwrite64(fd, data, size, offset); }

ssize_t write(int fd, const void *data, size_t size) {
  static ssize_t (*next)(int, const void *, size_t);
  if (next == NULL) next = real("write");
  if (control != NULL && fd >= 0) {
    off_t offset = lseek(fd, 0, SEEK_CUR);
    if (offset >= 0) {
      if (is_full(fd, offset, size)) return -1;
      wrote(fd, offset, size);
    }
  }
  return next(fd, data, size);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset) {
  static ssize_t (*next)(int, const struct iovec *, int, off_t);
  if (next == NULL) next = real("pwritev64");
  size_t size = 0;
  for (int n = 0; n < count; n++) size += parts[n].iov_len;
  if (is_full(fd, offset, size)) return -1;
  wrote(fd, offset, size);
  return next(fd, parts, count, offset);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  return pwritev64(fd, parts, count, offset);
}

int ftruncate64(int fd, off_t length) {
  static int (*next)(int, off_t);
  if (next == NULL) next = real("ftruncate64");
  return is_full(fd, length, 0) ? -1 : next(fd, length);
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int fallocate64(int fd, int mode, off_t offset, off_t length) {
  static int (*next)(int, int, off_t, off_t);
  if (next == NULL) next = real("fallocate64");
  return is_full(fd, offset, length) ? -1 : next(fd, mode, offset, length);
}

/* What was written before the sync began is safe when it ends. */
static int synced(int (*next)(int), int fd) {
  int ours = control != NULL && fd >= 0 && fd < MAX_FD && file_of[fd] != 0;
  int result = next(fd);
  if (result == 0 && ours) control->unsynced[file_of[fd] - 1].from = -1;
  if (result == 0 && ours && file_of[fd] == 1)
    for (int at = 0; at < PAGE_BYTES; at++) control->pages[at] = 0;
  return result;
}
int fsync(int fd) {
  static int (*next)(int);
  if (next == NULL) next = real("fsync");
  return synced(next, fd);
}
int fdatasync(int fd) {
  static int (*next)(int);
  if (next == NULL) next = real("fdatasync");
  return synced(next, fd);
}
