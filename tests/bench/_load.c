/* Sends prepared HTTP/1.1 requests over a number of connections, as fast as the server takes them.

   load PORT CONNECTIONS < REQUESTS: each request is "HEAD INLINE FILLER\n", three lengths in bytes, then the head
   and the inline body; a body of FILLER bytes follows on the wire without being in the input. Prints one line:
   seconds, requests that were refused (4xx, 5xx or no answer), bytes of all answers' bodies, and the median
   and the 99th percentile of the seconds of one request. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define BLOCK (1 << 20)

struct request { char *data; size_t length, filler; };

static struct request *requests;
static double *seconds;
static size_t count;
static atomic_size_t next_request, refused, received;
static int port;
static char filler[BLOCK];

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

static void die(const char *what) { perror(what); exit(1); }

static int dial(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct timeval limit = {.tv_sec = 300};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return fd;
}

static int send_all(int fd, const char *data, size_t length) {
    while (length) {
        ssize_t done = send(fd, data, length, MSG_NOSIGNAL);
        if (done <= 0) return -1;
        data += done, length -= done;
    }
    return 0;
}

static int send_request(int fd, struct request *request) {
    if (send_all(fd, request->data, request->length)) return -1;
    for (size_t left = request->filler; left;) {
        size_t part = left < BLOCK ? left : BLOCK;
        if (send_all(fd, filler, part)) return -1;
        left -= part;
    }
    return 0;
}

/* What came and was not used yet lies in buffer[at..end). */
struct reader { int fd; char *buffer; size_t at, end; };

static int fill(struct reader *in) {
    if (in->at == in->end) in->at = in->end = 0;
    if (in->end == BLOCK) {
        memmove(in->buffer, in->buffer + in->at, in->end - in->at);
        in->end -= in->at, in->at = 0;
    }
    ssize_t got = recv(in->fd, in->buffer + in->end, BLOCK - in->end, 0);
    if (got <= 0) return -1;
    in->end += got;
    return 0;
}

static int skip(struct reader *in, size_t length) {
    while (length) {
        if (in->at == in->end && fill(in)) return -1;
        size_t part = in->end - in->at < length ? in->end - in->at : length;
        in->at += part, length -= part;
    }
    return 0;
}

/* The next line without its end, which is overwritten by 0; valid until the next call. */
static char *line(struct reader *in) {
    for (;;) {
        char *end = in->at < in->end ? memchr(in->buffer + in->at, '\n', in->end - in->at) : NULL;
        if (end) {
            char *start = in->buffer + in->at;
            in->at = end + 1 - in->buffer;
            *(end > start && end[-1] == '\r' ? end - 1 : end) = 0;
            return start;
        }
        if (fill(in)) return NULL;
    }
}

static int chunks(struct reader *in) {
    for (;;) {
        char *head = line(in);
        if (!head) return -1;
        size_t size = strtoul(head, NULL, 16);
        received += size;
        if (skip(in, size) || !(head = line(in))) return -1;
        if (!size) return 0;
    }
}

/* The status of an answer; negative when it broke off. `closes` is set when the server closes afterwards. */
static int answer(struct reader *in, int *closes) {
    char *head = line(in);
    if (!head || strncmp(head, "HTTP/1.", 7)) return -1;
    int status = atoi(head + 9), chunked = 0;
    size_t length = 0;
    while ((head = line(in)) && *head) {
        if (!strncasecmp(head, "content-length:", 15)) length = strtoul(head + 15, NULL, 10);
        if (!strncasecmp(head, "transfer-encoding:", 18)) chunked = 1;
        if (!strncasecmp(head, "connection: close", 17)) *closes = 1;
    }
    if (!head) return -1;
    if (status == 204 || status == 304) return status;
    if (chunked) return chunks(in) ? -1 : status;
    received += length;
    return skip(in, length) ? -1 : status;
}

static void *work(void *unused) {
    struct reader in = {.fd = dial(), .buffer = malloc(BLOCK)};
    for (size_t turn; (turn = next_request++) < count;) {
        double start = now();
        int closes = 0, status = send_request(in.fd, &requests[turn]) ? -1 : answer(&in, &closes);
        seconds[turn] = now() - start;
        if (status < 200 || status >= 400) refused++;
        if (status < 0 || closes) close(in.fd), in.fd = dial(), in.at = in.end = 0;
    }
    close(in.fd);
    free(in.buffer);
    return unused;
}

static int by_size(const void *a, const void *b) {
    return (*(double *)a > *(double *)b) - (*(double *)a < *(double *)b);
}

static void read_requests(void) {
    size_t head, body, more, room = 0;
    while (scanf("%zu %zu %zu", &head, &body, &more) == 3 && getchar() == '\n') {
        if (count == room) requests = realloc(requests, (room = room * 2 + 64) * sizeof *requests);
        struct request item = {malloc(head + body), head + body, more};
        if (fread(item.data, 1, item.length, stdin) != item.length) die("read");
        requests[count++] = item;
    }
    seconds = calloc(count, sizeof *seconds);
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    int connections = atoi(argv[2]);
    pthread_t threads[connections];
    port = atoi(argv[1]);
    for (size_t i = 0; i < BLOCK; i++) filler[i] = i * 2654435761u >> 13;
    read_requests();
    double start = now();
    for (int i = 0; i < connections; i++) pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < connections; i++) pthread_join(threads[i], NULL);
    double took = now() - start;
    qsort(seconds, count, sizeof *seconds, by_size);
    printf("%f %zu %zu %f %f\n", took, (size_t)refused, (size_t)received, seconds[count / 2], seconds[count * 99 / 100]);
    return 0;
}
