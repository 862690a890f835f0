/* What `import Glibc` lacks on Linux: epoll, eventfd, accept4. Headers only, no code of our own. */
#ifndef SPOOR_CLINUX_SHIM_H
#define SPOOR_CLINUX_SHIM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/types.h>

#endif
