/* See waiting.h. */
#include "waiting.h"

typedef struct {
    long long number, time, wire, place;
    int link_type;
    uint32_t size;
} Head;

int waiting_add(Waiting *self, const Packet *packet)
{
    const Head head = {packet->number, packet->time,      packet->wire,
                       packet->place,  packet->link_type, (uint32_t)packet->size};
    const size_t needed = self->used + sizeof head + (size_t)packet->size;

    if (needed > self->room) {
        const size_t room = needed + needed / 2;
        char *bytes = PyMem_Realloc(self->bytes, room);

        if (!bytes) {
            PyErr_NoMemory();
            return -1;
        }
        self->bytes = bytes;
        self->room = room;
    }
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
