/* The load client of chat.py: many WebSockets in one thread, so lean that it is not what is measured.
 *
 *     cc -O2 -o chat_load chat_load.c
 *     chat_load PORT PATH SUBPROTOCOL PLAIN|SOCKETIO CLIENTS ROOMS FLYING SECONDS RATE PID
 *
 * PATH has one %s for the room. It connects, reads how much memory PID has for that, has FLYING
 * messages under way in each room for SECONDS, then says half as many a second as went through
 * for half as long, then RATE a second for twice as long, unless RATE is 0. Each message carries
 * ~~serial:client~~; every delivery is timed. One JSON line at the end; `load_cpu` is its own share
 * of a core. Linux only.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { MOST = 20000, RING = 1 << 20, ROOM_FOR = 8 << 20, OPENING = 32, TENTH_MS = 100000 };
enum { CLOSED, HANDSHAKE, GREETING, OPEN };
struct client { int fd, state, room, speaks; uint32_t rest_size; char *rest; };

static struct client clients[MOST];
static char in[ROOM_FOR];
static double sent_at[RING];
static uint32_t took[TENTH_MS];  /* deliveries by tenths of a millisecond */
static int poll_fd, timer, socketio, wanted, rooms, flying, opened, lost_sockets, going;
static uint32_t serial;
static uint64_t delivered, said, timed;
static struct sockaddr_in server;
static const char *path, *subprotocol;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

static void put(struct client *c, int kind, const char *text, size_t size) {
    char frame[256];
    frame[0] = (char)(0x80 | kind);
    frame[1] = (char)(0x80 | (size < 126 ? size : 126));
    size_t head = 2;
    if (size > 200) fail("a frame is too long");
    if (size >= 126) { frame[2] = 0; frame[3] = (char)size; head = 4; }
    memset(frame + head, 0, 4);  /* this mask is allowed, and costs nothing */
    memcpy(frame + head + 4, text, size);
    if (send(c->fd, frame, head + 4 + size, MSG_NOSIGNAL) < 0 && errno != EAGAIN) c->state = CLOSED;
}

static void say(struct client *c) {
    char text[160], filling[41];
    memset(filling, 'x', 40);
    filling[40] = 0;
    serial++;
    sent_at[serial % RING] = now();
    const char *form = socketio ? "42[\"m\",\"~~%u:%u~~ %s\"]" : "{\"message\": \"~~%u:%u~~ %s\"}";
    int size = snprintf(text, sizeof text, form, serial, (unsigned)(c - clients), filling);
    said++;
    put(c, 1, text, (size_t)size);
}

static void start(int index) {
    struct client *c = &clients[index];
    char room[16], target[200], request[700];
    int one = 1;
    c->room = index % rooms;
    c->speaks = index / rooms < flying;
    c->rest_size = 0;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&server, sizeof server)) fail("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    snprintf(room, sizeof room, "r%d", c->room);
    snprintf(target, sizeof target, path, room);
    int port = ntohs(server.sin_port);
    int size = snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s%s%s\r\n", target, port, port,
        *subprotocol ? "Sec-WebSocket-Protocol: " : "", subprotocol, *subprotocol ? "\r\n" : "");
    c->state = HANDSHAKE;
    if (send(c->fd, request, (size_t)size, MSG_NOSIGNAL) != size) fail("handshake");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, c->fd, &event);
}

static void heard(struct client *c, const char *text, size_t size) {
    const char *end = text + size, *at = text;
    double moment = now();
    while ((at = memmem(at, (size_t)(end - at), "~~", 2)) != NULL) {
        uint32_t number = 0, author = 0;
        for (at += 2; at < end && *at >= '0' && *at <= '9'; at++) number = number * 10 + (uint32_t)(*at - '0');
        if (at < end && *at == ':')
            for (at++; at < end && *at >= '0' && *at <= '9'; at++) author = author * 10 + (uint32_t)(*at - '0');
        at += 2;
        delivered++;
        long tenths = (long)((moment - sent_at[number % RING]) * 10000);
        took[tenths < TENTH_MS ? tenths : TENTH_MS - 1]++;
        timed++;
        if (author == (uint32_t)(c - clients) && going) say(c);
    }
}

static void text_frame(struct client *c, const char *text, size_t size) {
    if (!socketio) { heard(c, text, size); return; }
    if (size && text[0] == '0') put(c, 1, "40", 2);
    else if (size && text[0] == '2') put(c, 1, "3", 1);
    else if (size > 1 && text[0] == '4' && text[1] == '0') { c->state = OPEN; opened++; }
    else heard(c, text, size);
}

static size_t frames(struct client *c, char *data, size_t size) {
    size_t at = 0;
    if (c->state == HANDSHAKE) {
        char *end = memmem(data, size, "\r\n\r\n", 4);
        if (end == NULL) return 0;
        if (strncmp(data, "HTTP/1.1 101", 12)) { fprintf(stderr, "%.*s\n", (int)(end - data), data); exit(1); }
        at = (size_t)(end - data) + 4;
        c->state = socketio ? GREETING : OPEN;
        opened += !socketio;
    }
    while (size - at >= 2) {
        uint64_t length = data[at + 1] & 0x7f;
        size_t head = length == 126 ? 4 : length == 127 ? 10 : 2;
        if (size - at < head) break;
        if (head > 2) for (length = 0, head = 2; head < ((data[at + 1] & 0x7f) == 126 ? 4u : 10u); head++)
            length = length << 8 | (unsigned char)data[at + head];
        if (size - at - head < length) break;
        int kind = data[at] & 0x0f;
        if (kind == 9) put(c, 10, data + at + head, (size_t)length);
        else if (kind != 8) text_frame(c, data + at + head, (size_t)length);
        at += head + (size_t)length;
    }
    return at;
}

static void readable(struct client *c) {
    memcpy(in, c->rest, c->rest_size);
    ssize_t more = recv(c->fd, in + c->rest_size, ROOM_FOR - c->rest_size, 0);
    if (more <= 0) {
        if (more < 0 && errno == EAGAIN) return;
        lost_sockets++;
        c->state = CLOSED;
        epoll_ctl(poll_fd, EPOLL_CTL_DEL, c->fd, NULL);
        return;
    }
    size_t size = c->rest_size + (size_t)more, done = frames(c, in, size);
    c->rest_size = (uint32_t)(size - done);
    c->rest = realloc(c->rest, c->rest_size + 1);
    memcpy(c->rest, in + done, c->rest_size);
}

/* Serve the sockets until `end`; with `rate`, say so many a second; with `until`, stop there. */
static void serve(double end, double rate, const uint64_t *counter, uint64_t until) {
    struct epoll_event events[256];
    double next = now(), due = end;
    unsigned turn = 0;
    while (now() < end && (counter == NULL || *counter < until)) {
        for (due = end; rate > 0 && next <= now(); next += 1 / rate) say(&clients[turn++ % (unsigned)wanted]);
        if (rate > 0 && next < end) due = next;
        if (counter != NULL && due > now() + 0.01) due = now() + 0.01;
        double wait = due - now();
        if (wait < 1e-6) wait = 1e-6;
        struct itimerspec at = {.it_value = {(time_t)wait, (long)((wait - (double)(time_t)wait) * 1e9)}};
        timerfd_settime(timer, 0, &at, NULL);
        int ready = epoll_wait(poll_fd, events, 256, -1);
        for (int i = 0; i < ready; i++)
            if (events[i].data.ptr != NULL) readable(events[i].data.ptr);
    }
}

static void forget_times(void) { memset(took, 0, sizeof took); timed = 0; }

static double percentile(double share) {
    uint64_t seen = 0;
    for (int i = 0; i < TENTH_MS; i++)
        if ((seen += took[i]) > (uint64_t)((double)timed * share)) return i / 10.0 + 0.05;
    return -1;
}

static double kilobytes(int pid) {
    char name[64], line[200];
    double found = 0;
    snprintf(name, sizeof name, "/proc/%d/status", pid);
    FILE *file = fopen(name, "r");
    while (file != NULL && fgets(line, sizeof line, file))
        if (sscanf(line, "VmRSS: %lf", &found) == 1) break;
    if (file != NULL) fclose(file);
    return found;
}

static double cpu(int pid) {
    char name[64];
    unsigned long user = 0, kernel = 0;
    snprintf(name, sizeof name, "/proc/%d/stat", pid);
    FILE *file = fopen(name, "r");
    if (file == NULL) return 0;
    if (fscanf(file, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) != 2) user = 0;
    fclose(file);
    return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static void connect_all(int from, int to) {
    int target = opened + to - from, begun = 0;
    double patience = now() + 60;
    while (opened < target && now() < patience) {
        while (begun < to - from && begun - (opened - (target - (to - from))) < OPENING) start(from + begun++);
        serve(now() + 0.0005, 0, NULL, 0);
    }
    if (opened < target) { errno = ETIMEDOUT; fail("connecting"); }
}

int main(int argc, char **argv) {
    if (argc != 11) { fprintf(stderr, "see the first lines of chat_load.c\n"); return 2; }
    struct rlimit files = {65536, 65536};
    setrlimit(RLIMIT_NOFILE, &files);
    server.sin_family = AF_INET;
    server.sin_port = htons((uint16_t)atoi(argv[1]));
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    path = argv[2], subprotocol = argv[3], socketio = !strcmp(argv[4], "SOCKETIO");
    wanted = atoi(argv[5]), rooms = atoi(argv[6]), flying = atoi(argv[7]);
    double seconds = atof(argv[8]), rate = atof(argv[9]);
    int pid = atoi(argv[10]);
    if (wanted > MOST / 2) return 2;
    poll_fd = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = NULL};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, timer, &event);

    connect_all(wanted, wanted + 50);  /* the first few find everything cold */
    for (int i = wanted; i < wanted + 50; i++) close(clients[i].fd);
    serve(now() + 0.5, 0, NULL, 0);
    double memory = kilobytes(pid), began = now(), busy = cpu(pid);
    connect_all(0, wanted);
    double connecting = now() - began, connect_cpu = cpu(pid) - busy;
    serve(now() + 1, 0, NULL, 0);  /* joins settle */
    memory = kilobytes(pid) - memory;

    going = 1;
    for (int i = 0; i < wanted; i++) if (clients[i].speaks) say(&clients[i]);
    serve(now() + 0.5, 0, NULL, 0);  /* warm */
    forget_times();
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    uint64_t delivered_before = delivered, said_before = said;
    began = now(), busy = cpu(pid);
    serve(now() + seconds, 0, NULL, 0);
    double elapsed = now() - began, used = cpu(pid) - busy;
    getrusage(RUSAGE_SELF, &after);
    going = 0;
    double per_s = (double)(delivered - delivered_before) / elapsed;
    double own = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec + after.ru_stime.tv_sec - before.ru_stime.tv_sec)
        + (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec + after.ru_stime.tv_usec - before.ru_stime.tv_usec) / 1e6;
    double said_per_s = (double)(said - said_before) / elapsed, p50 = percentile(0.5), p99 = percentile(0.99);
    uint64_t each = (uint64_t)(wanted / rooms);
    serve(now() + 5, 0, &delivered, said * each);
    int64_t lost = (int64_t)(said * each - delivered);

    double phases[2] = {said_per_s / 2, rate}, slow[2];
    for (int i = 0; i < (rate > 0 ? 2 : 1); i++) {
        serve(now() + 0.2, 0, NULL, 0);
        forget_times();
        serve(now() + seconds * (i ? 2 : 0.5), phases[i], NULL, 0);
        slow[i] = percentile(0.99);
        serve(now() + 5, 0, &delivered, said * each);
    }
    lost = (int64_t)(said * each - delivered) > lost ? (int64_t)(said * each - delivered) : lost;
    printf("{\"per_s\": %.0f, \"p50_ms\": %.2f, \"p99_ms\": %.2f, \"lost\": %ld, \"half_p99_ms\": %.2f,",
        per_s, p50, p99, (long)lost, slow[0]);
    if (rate > 0) printf(" \"steady_p99_ms\": %.2f,", slow[1]);
    printf(" \"connects_per_s\": %.0f, \"connect_cpu_ms\": %.2f, \"kb_each\": %.1f, \"closed\": %d,"
        " \"load_cpu\": %.2f, \"server_cpu\": %.2f, \"cpu_us\": %.2f}\n",
        wanted / connecting, 1000 * connect_cpu / wanted, memory / wanted, lost_sockets, own / elapsed,
        used / elapsed, per_s > 0 ? 1e6 * used / elapsed / per_s : 0);
    return 0;
}
