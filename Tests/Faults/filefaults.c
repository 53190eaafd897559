// SPDX-License-Identifier: Apache-2.0
//
// A library to be preloaded before a program: it stands between the program (SQLite included) and the file
// system, for all files under FAULT_ROOT, and does one of three things.
//
//   FAULT_RECORD=FILE        writes down every change and every fsync, in order, with its bytes
//   FAULT_KILL=N             kills the program at its N-th change; a write is left half done
//   FAULT_FAIL=N:ERRNO[:+]   fails the N-th change with an error number; with + every later one too
//
// What is written down, each a line, W followed by its bytes:
//   O path inode       an existing file was opened       C path inode       a file was created
//   W inode at bytes   bytes were written                T inode size       a file was cut or lengthened
//   S inode            a file was made durable           D path             a folder was made durable
//   R from to          renamed                           L from to          linked
//   U path             unlinked                          M path, X path     a folder made, removed
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { descriptors = 1 << 16 };

static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static char watched[descriptors];  // 1 a file under the root, 2 a folder under it
static char *folders[descriptors];
static const char *root;
static FILE *record;
static long kill_at, fail_at, changes;
static int fail_with, fail_on, ready;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) {
  void *symbol = dlsym(RTLD_NEXT, name);
  if (!symbol) abort();
  return symbol;
}

static void prepare(void) {
  if (ready) return;
  ready = 1;
  root = getenv("FAULT_ROOT");
  const char *text = getenv("FAULT_RECORD");
  if (text) {
    record = fopen(text, "we");
    if (!record) abort();
  }
  if ((text = getenv("FAULT_KILL"))) kill_at = atol(text);
  if ((text = getenv("FAULT_FAIL"))) {
    char *end;
    fail_at = strtol(text, &end, 10);
    if (*end == ':') fail_with = (int)strtol(end + 1, &end, 10);
    fail_on = strcmp(end, ":+") == 0;
  }
}

// The absolute path; NULL if it does not lie under the root. The caller frees it.
static char *inside(int folder, const char *path) {
  prepare();
  if (!root || !path) return NULL;
  char whole[PATH_MAX * 2];
  if (path[0] == '/') {
    snprintf(whole, sizeof whole, "%s", path);
  } else {
    char base[PATH_MAX];
    if (folder == AT_FDCWD) {
      if (!getcwd(base, sizeof base)) return NULL;
    } else {
      char link[64];
      snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
      ssize_t n = readlink(link, base, sizeof base - 1);
      if (n < 0) return NULL;
      base[n] = 0;
    }
    snprintf(whole, sizeof whole, "%s/%s", base, path);
  }
  size_t n = strlen(root);
  if (strncmp(whole, root, n) != 0 || (whole[n] != '/' && whole[n] != 0)) return NULL;
  // SQLite's shared memory is no durable state: it is made anew.
  size_t m = strlen(whole);
  if (m > 4 && strcmp(whole + m - 4, "-shm") == 0) return NULL;
  return strdup(whole);
}

static unsigned long inode(int file) {
  struct stat status;
  return fstat(file, &status) == 0 ? (unsigned long)status.st_ino : 0;
}

// Counts a change that is about to happen. Returns nonzero, errno set, if it is to fail.
static int refused(void) {
  changes++;
  if (kill_at && changes == kill_at) kill(getpid(), SIGKILL);
  if (fail_at && (changes == fail_at || (fail_on && changes > fail_at))) {
    errno = fail_with;
    return 1;
  }
  return 0;
}

static void note(const char *format, ...) {
  if (!record) return;
  int saved = errno;
  va_list list;
  va_start(list, format);
  vfprintf(record, format, list);
  va_end(list);
  fflush(record);
  errno = saved;
}

static void lock(void) { pthread_mutex_lock(&mutex); }
static void unlock(void) { pthread_mutex_unlock(&mutex); }

static int opened(int folder, const char *path, int flags, mode_t mode) {
  char *whole = inside(folder, path);
  if (!whole) return REAL(openat)(folder, path, flags, mode);
  lock();
  int exists = access(whole, F_OK) == 0;
  int makes = (flags & O_CREAT) && !exists;
  int cuts = (flags & O_TRUNC) && exists;
  int file = (makes || cuts) && refused() ? -1 : REAL(openat)(folder, path, flags, mode);
  if (file >= 0 && file < descriptors) {
    struct stat status;
    fstat(file, &status);
    watched[file] = S_ISDIR(status.st_mode) ? 2 : 1;
    free(folders[file]);
    folders[file] = strdup(whole);
    if (watched[file] == 1) note("%c %s\t%lu\n", makes ? 'C' : 'O', whole, (unsigned long)status.st_ino);
    if (cuts) note("T %lu 0\n", (unsigned long)status.st_ino);
  }
  unlock();
  free(whole);
  return file;
}

static mode_t mode_of(int flags, va_list list) {
  return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(list, mode_t) : 0;
}

#define OPEN(name)                                \
  int name(const char *path, int flags, ...) {    \
    va_list list;                                 \
    va_start(list, flags);                        \
    mode_t mode = mode_of(flags, list);           \
    va_end(list);                                 \
    return opened(AT_FDCWD, path, flags, mode);   \
  }
OPEN(open)
OPEN(open64)
#define OPENAT(name)                                        \
  int name(int folder, const char *path, int flags, ...) {  \
    va_list list;                                           \
    va_start(list, flags);                                  \
    mode_t mode = mode_of(flags, list);                     \
    va_end(list);                                           \
    return opened(folder, path, flags, mode);               \
  }
OPENAT(openat)
int openat64(int, const char *, int, ...);
OPENAT(openat64)

int creat(const char *path, mode_t mode) {
  return opened(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

#define MAKE(name, arguments, call)                                              \
  int name arguments {                                                           \
    char *whole = inside(AT_FDCWD, path);                                        \
    if (!whole) return call;                                                     \
    lock();                                                                      \
    int file = refused() ? -1 : call;                                            \
    free(whole);                                                                 \
    if (file >= 0 && file < descriptors && (whole = inside(AT_FDCWD, path))) {   \
      watched[file] = 1;                                                         \
      note("C %s\t%lu\n", whole, inode(file));                                   \
      free(whole);                                                               \
    }                                                                            \
    unlock();                                                                    \
    return file;                                                                 \
  }
MAKE(mkstemp, (char *path), REAL(mkstemp)(path))
MAKE(mkstemp64, (char *path), REAL(mkstemp64)(path))
MAKE(mkostemp, (char *path, int flags), REAL(mkostemp)(path, flags))
MAKE(mkstemps, (char *path, int suffix), REAL(mkstemps)(path, suffix))

int close(int file) {
  if (file >= 0 && file < descriptors && watched[file]) {
    lock();
    watched[file] = 0;
    int result = REAL(close)(file);
    unlock();
    return result;
  }
  return REAL(close)(file);
}

static int is_file(int file) { return file >= 0 && file < descriptors && watched[file] == 1; }

static void wrote(int file, const void *bytes, size_t count, off_t at) {
  if (!record) return;
  note("W %lu %ld %zu\n", inode(file), (long)at, count);
  fwrite(bytes, 1, count, record);
  fflush(record);
}

// At a kill, half of the bytes are there.
static void tear(int file, const void *bytes, size_t count, off_t at) {
  if (kill_at && changes + 1 == kill_at && count > 1)
    (void)!(at < 0 ? REAL(write)(file, bytes, count / 2) : REAL(pwrite)(file, bytes, count / 2, at));
}

ssize_t write(int file, const void *bytes, size_t count) {
  if (!is_file(file)) return REAL(write)(file, bytes, count);
  lock();
  tear(file, bytes, count, -1);
  ssize_t done = refused() ? -1 : REAL(write)(file, bytes, count);
  if (done > 0) wrote(file, bytes, (size_t)done, lseek(file, 0, SEEK_CUR) - done);
  unlock();
  return done;
}

#define PWRITE(name, offset)                                                 \
  ssize_t name(int file, const void *bytes, size_t count, offset at) {       \
    if (!is_file(file)) return REAL(name)(file, bytes, count, at);           \
    lock();                                                                  \
    tear(file, bytes, count, at);                                            \
    ssize_t done = refused() ? -1 : REAL(name)(file, bytes, count, at);      \
    if (done > 0) wrote(file, bytes, (size_t)done, at);                      \
    unlock();                                                                \
    return done;                                                             \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t writev(int file, const struct iovec *parts, int count) {
  if (!is_file(file)) return REAL(writev)(file, parts, count);
  ssize_t total = 0;
  for (int i = 0; i < count; i++) {
    ssize_t done = write(file, parts[i].iov_base, parts[i].iov_len);
    if (done < 0) return total > 0 ? total : -1;
    total += done;
    if ((size_t)done < parts[i].iov_len) break;
  }
  return total;
}

#define PWRITEV(name, offset)                                                          \
  ssize_t name(int file, const struct iovec *parts, int count, offset at) {            \
    if (!is_file(file)) return REAL(name)(file, parts, count, at);                     \
    ssize_t total = 0;                                                                 \
    for (int i = 0; i < count; i++) {                                                  \
      ssize_t done = pwrite(file, parts[i].iov_base, parts[i].iov_len, at + total);    \
      if (done < 0) return total > 0 ? total : -1;                                     \
      total += done;                                                                   \
      if ((size_t)done < parts[i].iov_len) break;                                      \
    }                                                                                  \
    return total;                                                                      \
  }
PWRITEV(pwritev, off_t)
PWRITEV(pwritev64, off64_t)

#define TRUNCATE(name, offset)                                       \
  int name(int file, offset size) {                                  \
    if (!is_file(file)) return REAL(name)(file, size);               \
    lock();                                                          \
    int result = refused() ? -1 : REAL(name)(file, size);            \
    if (result == 0) note("T %lu %ld\n", inode(file), (long)size);   \
    unlock();                                                        \
    return result;                                                   \
  }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define ALLOCATE(name, offset)                                                          \
  int name(int file, offset at, offset count) {                                         \
    if (!is_file(file)) return REAL(name)(file, at, count);                             \
    lock();                                                                             \
    struct stat status;                                                                 \
    int result = refused() ? errno : REAL(name)(file, at, count);                       \
    if (result == 0 && fstat(file, &status) == 0)                                       \
      note("T %lu %ld\n", (unsigned long)status.st_ino, (long)status.st_size);          \
    unlock();                                                                           \
    return result;                                                                      \
  }
ALLOCATE(posix_fallocate, off_t)
ALLOCATE(posix_fallocate64, off64_t)

#define SYNC(name)                                                                         \
  int name(int file) {                                                                     \
    if (file < 0 || file >= descriptors || !watched[file]) return REAL(name)(file);        \
    lock();                                                                                \
    int result = refused() ? -1 : REAL(name)(file);                                        \
    if (result == 0 && watched[file] == 1) note("S %lu\n", inode(file));                   \
    if (result == 0 && watched[file] == 2) note("D %s\n", folders[file]);                  \
    unlock();                                                                              \
    return result;                                                                         \
  }
SYNC(fsync)
SYNC(fdatasync)

// A change of one or two names.
static int named(char kind, int a, const char *from, int b, const char *to, int (*call)(void *), void *context) {
  char *first = inside(a, from);
  char *second = to ? inside(b, to) : NULL;
  if (!first && !second) return call(context);
  lock();
  int result = refused() ? -1 : call(context);
  if (result == 0 && second) note("%c %s\t%s\n", kind, first ? first : from, second);
  if (result == 0 && !second) note("%c %s\n", kind, first);
  unlock();
  free(first);
  free(second);
  return result;
}

struct names {
  int a, b, flags;
  const char *from, *to;
};
#define CALL(name, expression)                \
  static int name##_call(void *context) {     \
    struct names *n = context;                \
    return expression;                        \
  }
CALL(rename, REAL(rename)(n->from, n->to))
CALL(renameat, REAL(renameat)(n->a, n->from, n->b, n->to))
CALL(renameat2, REAL(renameat2)(n->a, n->from, n->b, n->to, (unsigned)n->flags))
CALL(link, REAL(link)(n->from, n->to))
CALL(linkat, REAL(linkat)(n->a, n->from, n->b, n->to, n->flags))
CALL(unlink, REAL(unlink)(n->from))
CALL(unlinkat, REAL(unlinkat)(n->a, n->from, n->flags))
CALL(mkdir, REAL(mkdir)(n->from, (mode_t)n->flags))
CALL(rmdir, REAL(rmdir)(n->from))

int rename(const char *from, const char *to) {
  struct names n = {.from = from, .to = to};
  return named('R', AT_FDCWD, from, AT_FDCWD, to, rename_call, &n);
}
int renameat(int a, const char *from, int b, const char *to) {
  struct names n = {.a = a, .b = b, .from = from, .to = to};
  return named('R', a, from, b, to, renameat_call, &n);
}
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) {
  struct names n = {.a = a, .b = b, .flags = (int)flags, .from = from, .to = to};
  return named('R', a, from, b, to, renameat2_call, &n);
}
int link(const char *from, const char *to) {
  struct names n = {.from = from, .to = to};
  return named('L', AT_FDCWD, from, AT_FDCWD, to, link_call, &n);
}
int linkat(int a, const char *from, int b, const char *to, int flags) {
  struct names n = {.a = a, .b = b, .flags = flags, .from = from, .to = to};
  return named('L', a, from, b, to, linkat_call, &n);
}
int unlink(const char *path) {
  struct names n = {.from = path};
  return named('U', AT_FDCWD, path, 0, NULL, unlink_call, &n);
}
int unlinkat(int a, const char *path, int flags) {
  struct names n = {.a = a, .flags = flags, .from = path};
  return named(flags & AT_REMOVEDIR ? 'X' : 'U', a, path, 0, NULL, unlinkat_call, &n);
}
int mkdir(const char *path, mode_t mode) {
  struct names n = {.flags = (int)mode, .from = path};
  return named('M', AT_FDCWD, path, 0, NULL, mkdir_call, &n);
}
int rmdir(const char *path) {
  struct names n = {.from = path};
  return named('X', AT_FDCWD, path, 0, NULL, rmdir_call, &n);
}
