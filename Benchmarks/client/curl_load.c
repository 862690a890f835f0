/* The requests of SpoorClientLoad with libcurl: URL KIND COUNT. Sequential ones by the easy interface, 64 at a time by the
   multi interface over at most 16 connections. Bodies are gathered, as the others do. */

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static char piece[64 << 10];
static char url[256];
static const char *kind;

struct body { char *bytes; size_t count, room, sent; int gathers; };

static size_t receive(char *bytes, size_t size, size_t count, void *context) {
    struct body *body = context;
    count *= size;
    if (body->gathers) {
        if (body->count + count > body->room)
            body->bytes = realloc(body->bytes, body->room = (body->count + count) * 2);
        memcpy(body->bytes + body->count, bytes, count);
    }
    body->count += count;
    return count;
}

static size_t give(char *bytes, size_t size, size_t count, void *context) {
    struct body *body = context;
    size_t rest = (10 << 20) - body->sent;
    count *= size;
    if (count > rest) count = rest;
    if (count > sizeof piece) count = sizeof piece;
    memcpy(bytes, piece, count);
    body->sent += count;
    return count;
}

static size_t expected(void) {
    if (!strcmp(kind, "upload")) return 0;
    if (!strcmp(kind, "download")) return 10 << 20;
    return strtoull(strrchr(kind, '-') + 1, NULL, 10);
}

static void prepare(CURL *curl, struct body *body) {
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, body);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 256L << 10);
    body->gathers = strcmp(kind, "download") != 0;
    if (!strcmp(kind, "upload")) {
        static struct curl_slist *fields;
        if (!fields) fields = curl_slist_append(NULL, "Expect:");
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(10 << 20));
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
        curl_easy_setopt(curl, CURLOPT_READDATA, body);
        curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 64L << 10);
    }
}

static void check(CURL *curl, CURLcode code, struct body *body) {
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || status != 200 || body->count != expected()) {
        fprintf(stderr, "curl: %s, status %ld, %zu bytes\n", curl_easy_strerror(code), status, body->count);
        exit(1);
    }
    free(body->bytes);
    memset(body, 0, sizeof *body);
}

static void sequential(CURL *curl, long count) {
    struct body body = {0};
    prepare(curl, &body);
    while (count-- > 0) {
        int gathers = strcmp(kind, "download") != 0;
        body.gathers = gathers;
        check(curl, curl_easy_perform(curl), &body);
    }
}

static void concurrent(CURLM *multi, CURL **curls, long count) {
    static struct body bodies[64];
    long begun = 0, ended = 0;
    for (int i = 0; i < 64 && begun < count; i++, begun++) {
        prepare(curls[i], &bodies[i]);
        curl_multi_add_handle(multi, curls[i]);
    }
    while (ended < count) {
        int running, left;
        curl_multi_perform(multi, &running);
        CURLMsg *message;
        while ((message = curl_multi_info_read(multi, &left))) {
            CURL *curl = message->easy_handle;
            CURLcode code = message->data.result;
            struct body *body;
            curl_easy_getinfo(curl, CURLINFO_PRIVATE, &body);
            curl_multi_remove_handle(multi, curl);
            check(curl, code, body);
            ended++;
            if (begun < count) {
                begun++;
                body->gathers = 1;
                curl_multi_add_handle(multi, curl);
            }
        }
        if (ended < count) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
}

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6 + usage.ru_stime.tv_sec + usage.ru_stime.tv_usec / 1e6;
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    kind = argv[2];
    long count = atol(argv[3]);
    memset(piece, 'x', sizeof piece);
    if (!strcmp(kind, "upload")) snprintf(url, sizeof url, "%s/upload", argv[1]);
    else snprintf(url, sizeof url, "%s/%zu", argv[1], expected());
    curl_global_init(CURL_GLOBAL_ALL);
    double start;
    if (!strncmp(kind, "64-tasks", 8)) {
        CURLM *multi = curl_multi_init();
        CURL *curls[64];
        for (int i = 0; i < 64; i++) curls[i] = curl_easy_init();
        curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, 16L);
        concurrent(multi, curls, count / 10 + 1);
        start = cpu_seconds();
        concurrent(multi, curls, count);
    } else {
        CURL *curl = curl_easy_init();
        sequential(curl, count / 10 + 1);
        start = cpu_seconds();
        sequential(curl, count);
    }
    printf("{\"requests\":%ld,\"cpu_seconds\":%.6f}\n", count, cpu_seconds() - start);
}
