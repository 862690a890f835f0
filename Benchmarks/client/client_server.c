/* The server of Benchmarks/run-client: GET /N responds with N bytes; a request with a body is read, and gets a 200.
   A thread for each connection; it listens on a free port of 127.0.0.1 and prints it. */

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE = 256 << 10 };
static char piece[PIECE];

static int send_all(int fd, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);
        if (sent <= 0) return -1;
        bytes += sent;
        count -= (size_t)sent;
    }
    return 0;
}

static int answer(int fd, size_t size) {
    char head[128];
    int length = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", size);
    if (size < PIECE - sizeof head) {
        char whole[sizeof head + 65536];
        if (size <= 65536) {
            memcpy(whole, head, (size_t)length);
            memcpy(whole + length, piece, size);
            return send_all(fd, whole, (size_t)length + size);
        }
    }
    if (send_all(fd, head, (size_t)length)) return -1;
    while (size > 0) {
        size_t part = size < PIECE ? size : PIECE;
        if (send_all(fd, piece, part)) return -1;
        size -= part;
    }
    return 0;
}

static void *serve(void *argument) {
    int fd = (int)(long)argument, one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    size_t room = PIECE, have = 0;
    char *buffer = malloc(room + 1);
    for (;;) {
        char *end = NULL;
        while (buffer[have] = 0, !(end = strstr(buffer, "\r\n\r\n"))) {
            ssize_t count = recv(fd, buffer + have, room - have, 0);
            if (count <= 0) goto done;
            have += (size_t)count;
        }
        size_t used = (size_t)(end + 4 - buffer), body = 0;
        for (char *line = strstr(buffer, "\r\n"); line && line < end; line = strstr(line + 2, "\r\n"))
            if (!strncasecmp(line + 2, "content-length:", 15)) body = strtoull(line + 17, NULL, 10);
        char *path = strchr(buffer, '/');
        size_t size = path ? strtoull(path + 1, NULL, 10) : 0;
        size_t rest = have - used, taken = rest < body ? rest : body;
        memmove(buffer, buffer + used + taken, have = rest - taken);
        for (body -= taken; body > 0;) {
            static __thread char sink[PIECE];
            ssize_t count = recv(fd, sink, body < PIECE ? body : PIECE, 0);
            if (count <= 0) goto done;
            body -= (size_t)count;
        }
        if (answer(fd, size)) goto done;
    }
done:
    free(buffer);
    close(fd);
    return NULL;
}

int main(void) {
    memset(piece, 'x', PIECE);
    signal(SIGPIPE, SIG_IGN);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1024)) return 1;
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        pthread_t thread;
        if (fd < 0 || pthread_create(&thread, NULL, serve, (void *)(long)fd)) return 1;
        pthread_detach(thread);
    }
}
