/* The floor: an epoll server whose CPU time is almost only that of the kernel, as any server has it.
 *
 * One thread. A head ends at an empty line; nothing else of it is parsed, so the only state of a connection between two
 * reads is the length of its unfinished line. The responses to all heads of one read are sent with one call. It is a
 * reference for measurements, not a server: it trusts its peer.
 *
 * usage: floor PORT (on 127.0.0.1) */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world!"
enum { ANSWER_BYTES = sizeof ANSWER - 1, READ_BYTES = 1 << 14, DESCRIPTORS = 1 << 17, READY = 256 };

static unsigned unfinished_line[DESCRIPTORS]; /* by descriptor, in bytes */
static char input[READ_BYTES];
static char output[READ_BYTES / 2 * ANSWER_BYTES]; /* no head is shorter than its empty line */

static void complain_and_leave(const char *what) {
    perror(what);
    exit(1);
}

/* Writes one answer for every empty line in `input`; returns the bytes to send. */
static size_t answer_heads(int descriptor, size_t count) {
    size_t bytes = 0;
    char *at = input, *const end = input + count;
    unsigned carried = unfinished_line[descriptor];
    for (char *feed; (feed = memchr(at, '\n', end - at)); at = feed + 1, carried = 0) {
        if (carried + (feed - at) > 1) continue; /* more than the carriage return: a line with content */
        memcpy(output + bytes, ANSWER, ANSWER_BYTES);
        bytes += ANSWER_BYTES;
    }
    unfinished_line[descriptor] = carried + (end - at);
    return bytes;
}

static void accept_all(int poller, int listener) {
    int descriptor, on = 1;
    while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (descriptor >= DESCRIPTORS) {
            close(descriptor);
            continue;
        }
        struct epoll_event interest = {.events = EPOLLIN, .data.fd = descriptor};
        unfinished_line[descriptor] = 0;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &interest);
    }
}

int main(int count, char **arguments) {
    if (count != 2) return fputs("usage: floor PORT\n", stderr), 2;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(arguments[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) complain_and_leave("bind");
    if (listen(listener, 4096) < 0) complain_and_leave("listen");

    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event ready[READY], interest = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &interest);

    for (;;) {
        int events = epoll_wait(poller, ready, READY, -1);
        for (int i = 0; i < events; i++) {
            int descriptor = ready[i].data.fd;
            if (descriptor == listener) {
                accept_all(poller, listener);
                continue;
            }
            ssize_t got = recv(descriptor, input, sizeof input, 0);
            ssize_t owed = got > 0 ? (ssize_t)answer_heads(descriptor, got) : 0;
            /* The peer disconnected, or is too slow for the responses: neither occurs in a measurement. */
            if (got <= 0 || (owed && send(descriptor, output, owed, MSG_NOSIGNAL) != owed)) close(descriptor);
        }
    }
}
