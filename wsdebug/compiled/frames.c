/* The inner loop of wsdebug/protocol/frames.py, which says what it does and why. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "utf8.h"

static PyObject *frames_is_utf8(PyObject *module, PyObject *data)
{
    Py_buffer view;
    int good;

    (void)module;
    if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE))
        return NULL;
    good = is_utf8(view.buf, (size_t)view.len);
    PyBuffer_Release(&view);
    return PyBool_FromLong(good);
}

static PyMethodDef methods[] = {
    {"is_utf8", frames_is_utf8, METH_O, "Whether a whole text is UTF-8 (RFC 3629)."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef module = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "wsdebug.compiled._frames",
    .m_doc = "What wsdebug.protocol.frames does with plain frames, in C.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__frames(void)
{
    return PyModuleDef_Init(&module);
}
