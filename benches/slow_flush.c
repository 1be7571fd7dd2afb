/* Every flush sleeps 100 microseconds in place of reaching a device, for every rival alike: a
 * flush of a quiet disk takes about as long, and one of a busy shared disk up to forty times. */
#include <time.h>

static int flush(void) {
    struct timespec pause = {0, 100000};
    nanosleep(&pause, 0);
    return 0;
}

int fsync(int file) { (void)file; return flush(); }
int fdatasync(int file) { (void)file; return flush(); }
