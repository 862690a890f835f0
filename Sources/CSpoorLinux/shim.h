/* What `import Glibc` lacks on Linux. Headers and names only, no code of our own.
 *
 * _GNU_SOURCE stays undefined: with it the C library lays out fd_set and sockaddr arguments under other names than the
 * Glibc module has, and the compiler refuses the two modules together. The few GNU functions that are needed are
 * declared here under names of ours, bound to the library's symbols.
 */
#ifndef SPOOR_CLINUX_SHIM_H
#define SPOOR_CLINUX_SHIM_H

#include <linux/filter.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/types.h>

/* accept(2), with flags for the new descriptor. */
int spoor_accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags)
    __asm__("accept4");

/* pthread_setname_np(3): at most 15 bytes and the end mark. */
int spoor_thread_set_name(pthread_t thread, const char *name) __asm__("pthread_setname_np");

/* sched_setaffinity(2): the processors that a process (0: this one) may run on, one bit each. */
int spoor_processor_mask(pid_t process, size_t byte_count, void *mask)
    __asm__("sched_getaffinity");

#endif
