/* See packets.h. */
#include "packets.h"

/* Of a packet, in front of its data. */
typedef struct {
    long long number, time, wire, place;
    int link_type;
    uint32_t size;
} Head;

/* A whole number of 63 bits, exactly (True is none); 0 otherwise. */
static int whole_number(PyObject *value, long long *into)
{
    int beyond;

    if (!PyLong_CheckExact(value))
        return 0;
    *into = PyLong_AsLongLongAndOverflow(value, &beyond);
    return !beyond;
}

int packet_from(PyObject *tuple, Packet *into)
{
    long long link_type;
    PyObject *data = PyTuple_GET_ITEM(tuple, 3);

    if (!PyTuple_CheckExact(tuple) || !PyBytes_CheckExact(data) ||
        !whole_number(PyTuple_GET_ITEM(tuple, 0), &into->number) ||
        !whole_number(PyTuple_GET_ITEM(tuple, 1), &into->time) ||
        !whole_number(PyTuple_GET_ITEM(tuple, 2), &link_type) || link_type < INT_MIN ||
        link_type > INT_MAX || !whole_number(PyTuple_GET_ITEM(tuple, 4), &into->wire) ||
        !whole_number(PyTuple_GET_ITEM(tuple, 5), &into->place))
        return 0;
    into->link_type = (int)link_type;
    into->data = PyBytes_AS_STRING(data);
    into->size = PyBytes_GET_SIZE(data);
    return into->size <= UINT32_MAX;
}

int packets_add(Packets *self, const Packet *packet)
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

PyObject *packets_list(const Packets *self)
{
    /* Making a tuple may run the garbage collector and with it any code: it reads a copy. */
    PyObject *copy = PyBytes_FromStringAndSize(self->bytes, (Py_ssize_t)self->used);
    PyObject *list = copy ? PyList_New(0) : NULL, *packet;
    const char *data;
    Py_ssize_t at = 0;
    Head head;

    while (list && at < PyBytes_GET_SIZE(copy)) {
        data = PyBytes_AS_STRING(copy) + at + sizeof head;
        memcpy(&head, data - sizeof head, sizeof head);
        at += (Py_ssize_t)(sizeof head + head.size);
        packet = Py_BuildValue("LLiy#LL", head.number, head.time, head.link_type, data,
                               (Py_ssize_t)head.size, head.wire, head.place);
        if (!packet || PyList_Append(list, packet))
            Py_CLEAR(list);
        Py_XDECREF(packet);
    }
    Py_XDECREF(copy);
    return list;
}

void packets_clear(Packets *self)
{
    PyMem_Free(self->bytes);
    *self = (Packets){0};
}
