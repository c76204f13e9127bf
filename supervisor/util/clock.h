/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Time as a number. */
#ifndef GVTRACE_CLOCK_H
#define GVTRACE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

/* clock_gettime(2) of a clock that there always is, in nanoseconds. Deadlines and intervals are of CLOCK_MONOTONIC. */
static inline int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/*
 * Bounds work that a program can make as long as it likes, such as reading /proc/PID/mountinfo, since all others wait
 * meanwhile. It is so much of the processor's time, of which a busy machine takes nothing away.
 */
static inline int64_t clock_begin_work(int milliseconds)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID) + milliseconds * NS_PER_MS;
}

/* Whether that is over; work: what clock_begin_work() gave. A system call, so not to be asked at every line. */
static inline bool clock_is_too_long(int64_t work)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID) > work;
}

/* The same at every line or entry, the n-th: what is read at once has some dozens. */
static inline bool clock_is_too_long_at(int64_t work, size_t n)
{
	enum { DOZENS = 32 };

	return n % DOZENS == 0 && clock_is_too_long(work);
}

/*
 * The processor's own counter (RDTSC), which counts some billions a second: a few nanoseconds where clock_gettime(2) is a
 * system call of 3 us (gVisor 2024). What two processors have counted may differ.
 */
static inline uint64_t clock_ticks(void)
{
	return __builtin_ia32_rdtsc();
}

#endif
