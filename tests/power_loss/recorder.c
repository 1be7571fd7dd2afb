/* Records what a program does to the files of one folder, in the order in which it takes effect:
 * preloaded, so below SQLite and below std::fs alike, and in several processes at once. Each
 * operation and its line in the log are one step under a lock; only a flush has two lines, since
 * others write while it is under way. What is not recorded (an index that is mapped into memory)
 * is none of the log's business: tests/power_loss/recording.rs compares the outcome of everything
 * recorded with the folder, so a call that is missing here is noticed. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { CREATE = 1, WRITE, TRUNCATE, FLUSH_BEGINS, FLUSHED, UNLINK, RENAME };

struct line {
    uint64_t kind, inode, offset, name_length, length;
};

/* A disk takes its time: where it answers at once no group of commits forms, and an answer that is
 * given too early is late enough by accident. */
static const struct timespec FLUSH_TAKES = {0, 300000};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int log_file = -1;
static dev_t device;
static char folder[PATH_MAX];

__attribute__((constructor)) static void begin(void) {
    const char *named = getenv("SEATCORE_RECORDED_FOLDER");
    const char *log_name = getenv("SEATCORE_RECORDING");
    struct stat found;
    if (!named || !log_name || stat(named, &found)) return;
    device = found.st_dev;
    snprintf(folder, sizeof folder, "%s/", named);
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
    log_file = (int)syscall(SYS_openat, AT_FDCWD, log_name, flags, 0600);
}

static void lock(void) {
    pthread_mutex_lock(&mutex);
    while (syscall(SYS_flock, log_file, LOCK_EX) != 0) {}
}

static void unlock(void) {
    int before = errno;
    syscall(SYS_flock, log_file, LOCK_UN);
    pthread_mutex_unlock(&mutex);
    errno = before;
}

static void note(enum kind kind, uint64_t inode, uint64_t offset, const char *name,
                 const void *bytes, size_t length) {
    int before = errno;
    struct line line = {kind, inode, offset, name ? strlen(name) : 0, length};
    struct iovec parts[] = {
        {&line, sizeof line}, {(void *)name, line.name_length}, {(void *)bytes, length}};
    ssize_t whole = (ssize_t)(sizeof line + line.name_length + length);
    /* Half a recording would accuse the innocent. */
    if (syscall(SYS_writev, log_file, parts, 3) != whole) abort();
    errno = before;
}

/* The name inside the folder; none for whatever is elsewhere. */
static const char *name_of(const char *path) {
    size_t length = strlen(folder);
    return log_file >= 0 && strncmp(path, folder, length) == 0 ? path + length : NULL;
}

static int is_recorded(int file, struct stat *found) {
    return log_file >= 0 && fstat(file, found) == 0 && found->st_dev == device &&
           (S_ISREG(found->st_mode) || S_ISDIR(found->st_mode));
}

static int open_at(const char *path, int flags, mode_t mode) {
    const char *name = name_of(path);
    if (!name || !(flags & (O_CREAT | O_TRUNC)))
        return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    struct stat found;
    lock();
    int is_new = stat(path, &found) != 0;
    int file = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (file >= 0 && fstat(file, &found) == 0) {
        if (is_new) note(CREATE, found.st_ino, 0, name, NULL, 0);
        else if (flags & O_TRUNC) note(TRUNCATE, found.st_ino, 0, NULL, NULL, 0);
    }
    unlock();
    return file;
}

#define OPEN(function)                                                  \
    int function(const char *path, int flags, ...) {                    \
        va_list rest;                                                   \
        va_start(rest, flags);                                          \
        mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;       \
        va_end(rest);                                                   \
        return open_at(path, flags, mode);                              \
    }
OPEN(open)
OPEN(open64)

int mknodat(int at, const char *path, mode_t mode, dev_t dev) {
    const char *name = name_of(path);
    if (!name) return (int)syscall(SYS_mknodat, at, path, mode, dev);
    struct stat found;
    lock();
    int made = (int)syscall(SYS_mknodat, at, path, mode, dev);
    if (made == 0 && stat(path, &found) == 0) note(CREATE, found.st_ino, 0, name, NULL, 0);
    unlock();
    return made;
}

static ssize_t write_at(int file, const void *bytes, size_t length, int64_t offset) {
    struct stat found;
    if (!is_recorded(file, &found)) {
        if (offset < 0) return syscall(SYS_write, file, bytes, length);
        return syscall(SYS_pwrite64, file, bytes, length, offset);
    }
    lock();
    int64_t at = offset;
    if (at < 0) {
        fstat(file, &found);
        at = fcntl(file, F_GETFL) & O_APPEND ? found.st_size : lseek(file, 0, SEEK_CUR);
    }
    ssize_t written = offset < 0 ? syscall(SYS_write, file, bytes, length)
                                 : syscall(SYS_pwrite64, file, bytes, length, offset);
    if (written > 0) note(WRITE, found.st_ino, (uint64_t)at, NULL, bytes, (size_t)written);
    unlock();
    return written;
}

ssize_t write(int file, const void *bytes, size_t length) {
    return write_at(file, bytes, length, -1);
}
ssize_t pwrite(int file, const void *bytes, size_t length, off_t offset) {
    return write_at(file, bytes, length, offset);
}
ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t offset) {
    return write_at(file, bytes, length, offset);
}

static int truncate_to(int file, off64_t length) {
    struct stat found;
    if (!is_recorded(file, &found)) return (int)syscall(SYS_ftruncate, file, length);
    lock();
    int done = (int)syscall(SYS_ftruncate, file, length);
    if (done == 0) note(TRUNCATE, found.st_ino, (uint64_t)length, NULL, NULL, 0);
    unlock();
    return done;
}

int ftruncate(int file, off_t length) { return truncate_to(file, length); }
int ftruncate64(int file, off64_t length) { return truncate_to(file, length); }

/* Covers what was written before it began; it has ended when its thread has a second line. */
static int flush(int file, long call) {
    struct stat found;
    if (!is_recorded(file, &found)) return (int)syscall(call, file);
    uint64_t thread = (uint64_t)syscall(SYS_gettid);
    lock();
    note(FLUSH_BEGINS, found.st_ino, thread, NULL, NULL, 0);
    unlock();
    nanosleep(&FLUSH_TAKES, NULL);
    int done = (int)syscall(call, file);
    lock();
    if (done == 0) note(FLUSHED, found.st_ino, thread, NULL, NULL, 0);
    unlock();
    return done;
}

int fsync(int file) { return flush(file, SYS_fsync); }
int fdatasync(int file) { return flush(file, SYS_fdatasync); }

int unlink(const char *path) {
    const char *name = name_of(path);
    if (!name) return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    lock();
    int done = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    if (done == 0) note(UNLINK, 0, 0, name, NULL, 0);
    unlock();
    return done;
}

int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned int flags) {
    const char *name = name_of(from), *new_name = name_of(to);
    if (!name || !new_name)
        return (int)syscall(SYS_renameat2, from_at, from, to_at, to, flags);
    lock();
    int done = (int)syscall(SYS_renameat2, from_at, from, to_at, to, flags);
    if (done == 0) note(RENAME, 0, 0, name, new_name, strlen(new_name));
    unlock();
    return done;
}

int rename(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}
