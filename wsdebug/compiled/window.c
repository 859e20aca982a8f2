#include "window.h"

#include <string.h>

#include "utf8.h"

/* RFC 1951 2: no distance is longer. */
#define WIDEST ((size_t)32 << 10)
/* `inflate.PIECE` in Python: a message of so many bytes or more is not for the quick lane. */
#define MOST (((size_t)64 << 10) - 1)
#define FIRST_ROOM ((size_t)4 << 10)

/* Room for what did not fit: by forgetting what is too old, or by more memory. 0: there is enough
 * for any message already; -1: no memory. */
static int make_room(Window *window)
{
    size_t room = window->room ? window->room * 2 : FIRST_ROOM;
    uint8_t *bytes;

    if (window->size > WIDEST) {
        memmove(window->bytes, window->bytes + window->size - WIDEST, WIDEST);
        window->size = WIDEST;
        return 1;
    }
    if (window->room >= window->size + MOST)
        return 0;
    if (room > WIDEST + MOST)
        room = WIDEST + MOST;
    bytes = PyMem_Realloc(window->bytes, room + INFLATE_SLACK);
    if (!bytes) {
        PyErr_NoMemory();
        return -1;
    }
    window->bytes = bytes;
    window->room = room;
    return 1;
}

int window_unpack(Window *window, uint8_t *in, size_t size, int is_text)
{
    static const uint8_t tail[TAIL_SIZE + INFLATE_PADDING] = {0, 0, 0xFF, 0xFF};
    struct output out;
    enum inflated how;
    int has_room = 1;

    memcpy(in + size, tail, sizeof tail);
    do {
        out.bytes = window->bytes;
        out.at = window->size;
        out.first = window->resets ? out.at : 0;
        out.end = window->room - out.at < MOST ? window->room : out.at + MOST;
        how = inflate_message(in, size + TAIL_SIZE, &out);
    } while (how == INFLATE_FULL && (has_room = make_room(window)) > 0);
    if (has_room < 0)
        return -1;
    if (how != INFLATED || (is_text && !is_utf8(window->bytes + window->size, out.at - window->size)))
        return 0;
    window->size = out.at;
    return 1;
}

/* ---- as Python sees it ------------------------------------------------------------------- */

static int fill(Window *window, const uint8_t *history, size_t size)
{
    if (size > WIDEST) {
        history += size - WIDEST;
        size = WIDEST;
    }
    while (!window->room || window->room < size)
        if (make_room(window) < 0)
            return -1;
    if (size)
        memcpy(window->bytes, history, size);
    window->size = size;
    return 0;
}

static PyObject *window_new(PyTypeObject *type, PyObject *args, PyObject *named)
{
    static char *names[] = {"history", "resets", NULL};
    Py_buffer history;
    int resets;
    Window *window;

    if (!PyArg_ParseTupleAndKeywords(args, named, "y*p:Window", names, &history, &resets))
        return NULL;
    window = (Window *)type->tp_alloc(type, 0);
    if (window) {
        window->resets = resets;
        if (fill(window, history.buf, (size_t)history.len))
            Py_CLEAR(window);
    }
    PyBuffer_Release(&history);
    return (PyObject *)window;
}

static void window_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyMem_Free(((Window *)self)->bytes);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *window_history(PyObject *self, PyObject *none)
{
    const Window *window = (Window *)self;
    const size_t size = window->size < WIDEST ? window->size : WIDEST;

    (void)none;
    if (!size)
        return PyBytes_FromStringAndSize(NULL, 0);
    return PyBytes_FromStringAndSize((char *)window->bytes + window->size - size, (Py_ssize_t)size);
}

static PyObject *window_deepcopy(PyObject *self, PyObject *memo)
{
    PyTypeObject *type = Py_TYPE(self);
    Window *copy = (Window *)type->tp_alloc(type, 0);

    (void)memo;
    if (copy) {
        copy->resets = ((Window *)self)->resets;
        if (fill(copy, ((Window *)self)->bytes, ((Window *)self)->size))
            Py_CLEAR(copy);
    }
    return (PyObject *)copy;
}

static PyObject *window_reads(PyObject *self, PyObject *args)
{
    Py_buffer body;
    uint8_t *in;
    int is_text, is_whole = -1;

    if (!PyArg_ParseTuple(args, "y*p:reads", &body, &is_text))
        return NULL;
    in = PyMem_Malloc((size_t)body.len + TAIL_SIZE + INFLATE_PADDING);
    if (in) {
        memcpy(in, body.buf, (size_t)body.len);
        is_whole = window_unpack((Window *)self, in, (size_t)body.len, is_text);
        PyMem_Free(in);
    } else {
        PyErr_NoMemory();
    }
    PyBuffer_Release(&body);
    return is_whole < 0 ? NULL : PyBool_FromLong(is_whole);
}

static PyMethodDef methods[] = {
    {"reads", window_reads, METH_VARARGS,
     "Whether a whole message is sound; then it is part of the window, else nothing has changed."},
    {"history", window_history, METH_NOARGS, "The last 32 KiB, or as many as there are."},
    {"__deepcopy__", window_deepcopy, METH_O, "A window that goes its own way."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "What a side's compressed messages may refer to; `resets`: nothing before each."},
    {Py_tp_new, window_new},
    {Py_tp_dealloc, window_dealloc},
    {Py_tp_methods, methods},
    {0, NULL},
};

PyType_Spec window_spec = {
    .name = "wsdebug.compiled._frames.Window",
    .basicsize = sizeof(Window),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = slots,
};
