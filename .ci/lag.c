/* Makes a folder look as a slow file server shows it: what another process wrote is not to be seen for a
   while. Loaded with LD_PRELOAD by .ci/soak.

   LAG_FOLDER: paths below it are slow. LAG_SECONDS: how long after its last change a file is hidden from
   all processes but those that made it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MOST 65536
static char *own[MOST];
static int owned;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void keep(const char *path) {
  pthread_mutex_lock(&lock);
  if (owned < MOST) own[owned++] = strdup(path);
  pthread_mutex_unlock(&lock);
}

static int is_own(const char *path) {
  int found = 0;
  pthread_mutex_lock(&lock);
  for (int i = owned - 1; i >= 0 && !found; i--) found = strcmp(own[i], path) == 0;
  pthread_mutex_unlock(&lock);
  return found;
}

static int is_hidden(const char *path) {
  const char *folder = getenv("LAG_FOLDER"), *seconds = getenv("LAG_SECONDS");
  if (!path || !folder || !seconds || strncmp(path, folder, strlen(folder))) return 0;
  int (*real)(int, const char *, struct stat *, int) = dlsym(RTLD_NEXT, "fstatat");
  struct stat status;
  if (real(AT_FDCWD, path, &status, 0) || S_ISDIR(status.st_mode)) return 0;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  double age = now.tv_sec - status.st_mtim.tv_sec + 1e-9 * (now.tv_nsec - status.st_mtim.tv_nsec);
  return age < atof(seconds) && !is_own(path);
}

#define HIDE(path) if (is_hidden(path)) { errno = ENOENT; return -1; }

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, #name); \
    mode_t mode = 0; \
    if (flags & O_CREAT) { va_list list; va_start(list, flags); mode = va_arg(list, mode_t); va_end(list); keep(path); } \
    else HIDE(path) \
    return real(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define STAT(name) \
  int name(const char *path, struct stat *status) { \
    HIDE(path) \
    int (*real)(const char *, struct stat *) = dlsym(RTLD_NEXT, #name); \
    return real(path, status); \
  }
STAT(stat)
STAT(lstat)

int access(const char *path, int mode) {
  HIDE(path)
  int (*real)(const char *, int) = dlsym(RTLD_NEXT, "access");
  return real(path, mode);
}

int rename(const char *from, const char *to) {
  keep(to);
  int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
  return real(from, to);
}

int link(const char *from, const char *to) {
  int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "link");
  int result = real(from, to);
  if (result == 0) keep(to);
  return result;
}
