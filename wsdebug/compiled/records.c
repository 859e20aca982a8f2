/* The inner loop of wsdebug/capture/pcap.py, which says what it does and why. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>

#define SECOND 1000000000LL
#define FIXED 16 /* bytes of a record's header that are looked at */

/* What `take` was told. */
struct file {
    const uint8_t *data;
    size_t size, header;
    int is_big;
    long long usual; /* a record of more captured bytes is looked at twice, in Python */
    long long unit, number, base;
    PyObject *link_type;
};

static uint32_t word(const uint8_t *at, int is_big)
{
    return is_big ? (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]
                  : (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

/* `model.place.Packet`; steals nothing. */
static PyObject *packet(long long number, long long time, PyObject *link_type, PyObject *data,
                        long long wire, long long place)
{
    PyObject *made = PyTuple_New(6);

    if (made) {
        Py_INCREF(link_type);
        Py_INCREF(data);
        PyTuple_SET_ITEM(made, 0, PyLong_FromLongLong(number));
        PyTuple_SET_ITEM(made, 1, PyLong_FromLongLong(time));
        PyTuple_SET_ITEM(made, 2, link_type);
        PyTuple_SET_ITEM(made, 3, data);
        PyTuple_SET_ITEM(made, 4, PyLong_FromLongLong(wire));
        PyTuple_SET_ITEM(made, 5, PyLong_FromLongLong(place));
        if (PyErr_Occurred())
            Py_CLEAR(made);
    }
    return made;
}

/* Puts the packets of whole records of usual length into `batch`; where it stopped, or -1. */
static Py_ssize_t follow(struct file *file, PyObject *batch)
{
    size_t at = 0;

    while (file->size - at >= file->header) {
        const uint8_t *record = file->data + at;
        const long long seconds = word(record, file->is_big);
        const long long fraction = word(record + 4, file->is_big);
        const long long captured = word(record + 8, file->is_big);
        const size_t left = file->size - at - file->header;
        PyObject *data, *made;
        int fails;

        if (!captured || captured > file->usual || (size_t)captured > left)
            break;
        data = PyBytes_FromStringAndSize((const char *)record + file->header, (Py_ssize_t)captured);
        if (!data)
            return -1;
        made = packet(++file->number, seconds * SECOND + fraction * file->unit, file->link_type,
                      data, word(record + 12, file->is_big), file->base + (long long)at);
        Py_DECREF(data);
        if (!made)
            return -1;
        fails = PyList_Append(batch, made);
        Py_DECREF(made);
        if (fails)
            return -1;
        at += file->header + (size_t)captured;
    }
    return (Py_ssize_t)at;
}

static PyObject *take(PyObject *module, PyObject *args)
{
    struct file file;
    PyObject *data, *batch;
    Py_ssize_t header, at;

    (void)module;
    if (!PyArg_ParseTuple(args, "SnpLLLLO", &data, &header, &file.is_big, &file.usual, &file.unit,
                          &file.number, &file.base, &file.link_type))
        return NULL;
    /* So that no sum below is more than 63 bits. */
    if (header < FIXED || file.usual > UINT32_MAX || file.unit < 0 || file.unit > 1000 ||
        file.number < 0 || file.number > INT64_MAX / 2 || file.base < 0 ||
        file.base > INT64_MAX / 2) {
        PyErr_SetString(PyExc_ValueError, "a number out of range");
        return NULL;
    }
    file.data = (const uint8_t *)PyBytes_AS_STRING(data);
    file.size = (size_t)PyBytes_GET_SIZE(data);
    file.header = (size_t)header;
    batch = PyList_New(0);
    if (!batch)
        return NULL;
    at = follow(&file, batch);
    if (at < 0) {
        Py_DECREF(batch);
        return NULL;
    }
    return Py_BuildValue("Nn", batch, at);
}

static PyMethodDef methods[] = {
    {"take", take, METH_VARARGS, "Packets of whole records of usual length; where it stopped."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef module = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "wsdebug.compiled._records",
    .m_doc = "What wsdebug.capture.pcap does with plain records, in C.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__records(void)
{
    return PyModuleDef_Init(&module);
}
