/* See waiting.h. */
#include "waiting.h"

typedef struct {
    long long number, time, wire, place;
    int link_type;
    uint32_t size;
} Head;

/* Bytes at first, and what no more than 64 packets with 12 KiB of data need. */
enum { LEAST = 1 << 10, MOST = (12 << 10) + 64 * sizeof(Head) };

/* By half: growing by less costs more than the packets do, by more leaves more unused. */
static int make_room(Waiting *self, size_t needed)
{
    size_t room = self->room < 2 * LEAST ? self->room + LEAST : self->room + self->room / 2;
    char *bytes;

    if (room > MOST)
        room = MOST;
    if (room < needed)
        room = needed;
    bytes = PyMem_Realloc(self->bytes, room);
    if (!bytes) {
        PyErr_NoMemory();
        return -1;
    }
    self->bytes = bytes;
    self->room = room;
    return 0;
}

int waiting_add(Waiting *self, const Packet *packet)
{
    const Head head = {packet->number, packet->time,      packet->wire,
                       packet->place,  packet->link_type, (uint32_t)packet->size};
    const size_t needed = self->used + sizeof head + (size_t)packet->size;

    if (needed > self->room && make_room(self, needed))
        return -1;
    memcpy(self->bytes + self->used, &head, sizeof head);
    memcpy(self->bytes + self->used + sizeof head, packet->data, (size_t)packet->size);
    self->used = needed;
    if (!self->count++)
        self->first_number = packet->number;
    self->last_number = packet->number;
    return 0;
}

/* The packet at `at`, its bytes where they stand. */
static Packet packet_at(const char *at)
{
    Head head;

    memcpy(&head, at, sizeof head);
    return (Packet){head.number,      head.time, head.wire,     head.place,
                    at + sizeof head, head.size, head.link_type};
}

PyObject *waiting_list(const Waiting *self)
{
    /* Making a tuple may run the garbage collector and with it any code: a copy is read. */
    PyObject *copy = PyBytes_FromStringAndSize(self->bytes, (Py_ssize_t)self->used);
    PyObject *list = copy ? PyList_New(0) : NULL, *tuple;
    Py_ssize_t at = 0;
    Packet packet;

    while (list && at < PyBytes_GET_SIZE(copy)) {
        packet = packet_at(PyBytes_AS_STRING(copy) + at);
        at += (Py_ssize_t)sizeof(Head) + packet.size;
        tuple = packet_tuple(&packet);
        if (!tuple || PyList_Append(list, tuple))
            Py_CLEAR(list);
        Py_XDECREF(tuple);
    }
    Py_XDECREF(copy);
    return list;
}

void waiting_clear(Waiting *self)
{
    PyMem_Free(self->bytes);
    *self = (Waiting){0};
}
