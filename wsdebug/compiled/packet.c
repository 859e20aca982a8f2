/* See packet.h. */
#include "packet.h"

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
    return 1;
}

PyObject *packet_tuple(const Packet *packet)
{
    PyObject *tuple = PyTuple_New(6);
    int place, failed;

    if (!tuple)
        return NULL;
    PyTuple_SET_ITEM(tuple, 0, PyLong_FromLongLong(packet->number));
    PyTuple_SET_ITEM(tuple, 1, PyLong_FromLongLong(packet->time));
    PyTuple_SET_ITEM(tuple, 2, PyLong_FromLong(packet->link_type));
    PyTuple_SET_ITEM(tuple, 3, PyBytes_FromStringAndSize(packet->data, packet->size));
    PyTuple_SET_ITEM(tuple, 4, PyLong_FromLongLong(packet->wire));
    PyTuple_SET_ITEM(tuple, 5, PyLong_FromLongLong(packet->place));
    for (place = failed = 0; place < 6; place++)
        failed |= !PyTuple_GET_ITEM(tuple, place);
    if (failed)
        Py_CLEAR(tuple);
    return tuple;
}
