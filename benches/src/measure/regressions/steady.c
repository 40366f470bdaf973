/* Preloaded into a process in callgrind, so that its work depends neither on chance nor on its speed. */

#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* The standard library's seeds of hash maps: the same in each process. TLS does not use this function. */
ssize_t getrandom(void *buffer, size_t length, unsigned int flags) {
    static uint64_t state = 0x9e3779b97f4a7c15;
    unsigned char *bytes = buffer;
    (void)flags;
    for (size_t i = 0; i < length; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes[i] = (unsigned char)state;
    }
    return (ssize_t)length;
}

/* A process in callgrind is fifty times slower, and would run into the time limits of its connections. So the clock of
   these limits goes slower by the factor STEADY_CLOCK_DIVISOR. The time of day does not change. */
int clock_gettime(clockid_t clock, struct timespec *time) {
    static long divisor = 0;
    long result = syscall(SYS_clock_gettime, clock, time);
    if (result != 0 || clock != CLOCK_MONOTONIC) return (int)result;
    if (divisor == 0) {
        const char *text = getenv("STEADY_CLOCK_DIVISOR");
        divisor = text == NULL ? 1 : atol(text);
        if (divisor < 1) divisor = 1;
    }
    uint64_t slow = ((uint64_t)time->tv_sec * 1000000000 + (uint64_t)time->tv_nsec) / (uint64_t)divisor;
    time->tv_sec = (time_t)(slow / 1000000000);
    time->tv_nsec = (long)(slow % 1000000000);
    return 0;
}
