/* wsdebug/transport/parked.py, wsdebug/protocol/plain_side.py and plain_way.py say what is done here
 * and why. */
#include "parked.h"

#include "plain.h"

/* ---- what it has sent: wsdebug/protocol/plain_way.py -------------------------------------- */
enum { WAY = 17 };

/* A row of numbers, of a type that is a tuple. */
static PyObject *row_of(PyTypeObject *type, const long long *numbers, Py_ssize_t count)
{
    PyObject *row = type->tp_alloc(type, count), *number;
    Py_ssize_t place;

    for (place = 0; row && place < count; place++) {
        number = PyLong_FromLongLong(numbers[place]);
        if (!number)
            Py_CLEAR(row);
        else
            PyTuple_SET_ITEM(row, place, number);
    }
    return row;
}

static PyObject *way(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    const Half *half;
    PlainFigures side;
    long long total;

    (void)module;
    if (count != 3 || !PyType_Check(args[0]) ||
        !PyType_IsSubtype((PyTypeObject *)args[0], &PyTuple_Type) ||
        !Py_IS_TYPE(args[1], half_type) || !is_plain_side(args[2])) {
        PyErr_SetString(PyExc_TypeError, "a kind of tuple, a half and its frames are wanted");
        return NULL;
    }
    half = (Half *)args[1];
    if (!plain_side_figures(args[2], &side) || !half->has_fin || half->ttl < 0)
        Py_RETURN_NONE;
    total = side.text + side.binary;
    {
        const int spoke = side.opcode != 0;
        const long long numbers[WAY] = {
            side.text,
            side.binary,
            total,
            total + 1,
            half->sent - 1, /* without the FIN */
            half->ttl,
            total - 1,
            spoke ? side.last.number : 0,
            side.close.number,
            half->fin_number,
            spoke ? side.last.time : 0,
            side.close.time,
            half->fin_time,
            side.opcode,
            spoke ? side.length : 0,
            side.first.acked,
            side.close.acked,
        };

        return row_of((PyTypeObject *)args[0], numbers, WAY);
    }
}

/* ---- the module --------------------------------------------------------------------------- */
static PyMethodDef functions[] = {
    {"way", (PyCFunction)(void (*)(void))way, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "wsdebug.compiled._parked",
    .m_doc = "What wsdebug.transport.parked and wsdebug.protocol.plain_side do, in C.",
    .m_size = -1,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__parked(void)
{
    PyObject *made = PyModule_Create(&module);

    if (made && (half_ready(made) || whole_ready(made) || sieve_ready(made) || plain_side_ready(made)))
        Py_CLEAR(made);
    return made;
}
