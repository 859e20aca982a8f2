/* See batch.h. */
#include "batch.h"

static int make_room(Batch *self)
{
    const Py_ssize_t room = self->room ? 2 * self->room : 64;
    Row *rows;

    if (self->count < self->room)
        return 0;
    rows = PyMem_Realloc(self->rows, (size_t)room * sizeof *rows);
    if (!rows) {
        PyErr_NoMemory();
        return -1;
    }
    self->rows = rows;
    self->room = room;
    return 0;
}

int batch_begins(Batch *self, PyObject *chunk)
{
    if (!self->chunk && PyBytes_GET_SIZE(chunk) <= UINT32_MAX) {
        Py_INCREF(chunk);
        self->chunk = chunk;
    }
    return self->chunk == chunk;
}

int batch_add(Batch *self, const Row *row)
{
    if (make_room(self))
        return -1;
    self->rows[self->count++] = *row;
    return 0;
}

static PyObject *batch_append(Batch *self, PyObject *packet)
{
    Row row = {.link_type = ODD};

    if (!PyTuple_Check(packet)) {
        PyErr_SetString(PyExc_TypeError, "a packet is a tuple");
        return NULL;
    }
    if (!self->odd)
        self->odd = PyList_New(0);
    if (!self->odd || PyList_GET_SIZE(self->odd) >= UINT32_MAX)
        return self->odd ? PyErr_NoMemory() : NULL;
    row.start = (uint32_t)PyList_GET_SIZE(self->odd);
    if (PyList_Append(self->odd, packet) || batch_add(self, &row))
        return NULL;
    Py_RETURN_NONE;
}

/* ---- as a sequence of tuples -------------------------------------------------------------- */
static Py_ssize_t batch_length(Batch *self)
{
    return self->count;
}

static PyObject *batch_item(Batch *self, Py_ssize_t at)
{
    Packet packet;
    PyObject *odd;

    if (at < 0 || at >= self->count) {
        PyErr_SetString(PyExc_IndexError, "no packet stands there");
        return NULL;
    }
    if (batch_packet(self, at, &packet))
        return packet_tuple(&packet);
    odd = PyList_GET_ITEM(self->odd, self->rows[at].start);
    Py_INCREF(odd);
    return odd;
}

static PyObject *batch_slice(Batch *self, PyObject *slice)
{
    Py_ssize_t start, stop, step, count, place;
    PyObject *list, *packet;

    if (PySlice_Unpack(slice, &start, &stop, &step))
        return NULL;
    count = PySlice_AdjustIndices(self->count, &start, &stop, step);
    list = PyList_New(0);
    for (place = 0; list && place < count; place++) {
        packet = batch_item(self, start + place * step);
        if (!packet || PyList_Append(list, packet))
            Py_CLEAR(list);
        Py_XDECREF(packet);
    }
    return list;
}

static PyObject *batch_subscript(Batch *self, PyObject *where)
{
    Py_ssize_t at;

    if (PySlice_Check(where))
        return batch_slice(self, where);
    at = PyNumber_AsSsize_t(where, PyExc_IndexError);
    if (at == -1 && PyErr_Occurred())
        return NULL;
    return batch_item(self, at < 0 ? at + self->count : at);
}

/* ---- the type ----------------------------------------------------------------------------- */
static int batch_traverse(Batch *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->odd);
    return 0;
}

static int batch_clear(Batch *self)
{
    /* The rows of those tuples go with them. */
    self->count = 0;
    Py_CLEAR(self->odd);
    return 0;
}

static void batch_dealloc(Batch *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    batch_clear(self);
    Py_CLEAR(self->chunk);
    PyMem_Free(self->rows);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef batch_methods[] = {
    {"append", (PyCFunction)batch_append, METH_O, "One more packet, of any shape."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot batch_slots[] = {
    {Py_tp_traverse, batch_traverse}, {Py_tp_clear, batch_clear},
    {Py_tp_dealloc, batch_dealloc},   {Py_tp_methods, batch_methods},
    {Py_sq_length, batch_length},     {Py_sq_item, batch_item},
    {Py_mp_length, batch_length},     {Py_mp_subscript, batch_subscript},
    {0, NULL},
};

static PyType_Spec batch_spec = {
    .name = "wsdebug.compiled._records.Batch",
    .basicsize = sizeof(Batch),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = batch_slots,
};

PyTypeObject *batch_type_new(void)
{
    return (PyTypeObject *)PyType_FromSpec(&batch_spec);
}
