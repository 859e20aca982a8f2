/* wsdebug/report/moulds.py says what is done here and why. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <string.h>

enum {
    DIGITS = 20,     /* of a number of 64 bits, its sign too */
    LONGEST = 32,    /* bytes of a value that is no text */
    NANO_DIGITS = 9, /* behind the point of seconds */
};

#define NANO 1000000000ULL
#define FEWEST 10000ULL              /* ns: below that JSON has an exponent */
#define MOST 1000000000000000ULL     /* ns: from there on a double has not all digits */

typedef struct {
    PyObject_HEAD
    PyObject *pieces; /* of bytes: what stands before each value, and behind the last one */
    Py_ssize_t *chosen;
    char *kinds; /* of each of them */
    Py_ssize_t values, fixed, numbers; /* how many; the bytes of all pieces; how many numbers */
} Mould;

enum { NUMBER, TIME, WORD };

/* ---- values as JSON has them -------------------------------------------------------------- */
static char *put_number(char *at, uint64_t number)
{
    char digits[DIGITS], *first = digits + DIGITS;

    do
        *--first = (char)('0' + number % 10);
    while (number /= 10);
    memcpy(at, first, (size_t)(digits + DIGITS - first));
    return at + (digits + DIGITS - first);
}

/* Below a hundred-thousandth of a second: 1.2e-7. */
static char *put_small(char *at, uint64_t ns)
{
    char digits[DIGITS];
    Py_ssize_t count = put_number(digits, ns) - digits, kept = count;

    while (digits[kept - 1] == '0')
        kept--;
    *at++ = digits[0];
    if (kept > 1) {
        *at++ = '.';
        memcpy(at, digits + 1, (size_t)kept - 1);
        at += kept - 1;
    }
    *at++ = 'e';
    *at++ = '-';
    return put_number(at, (uint64_t)(NANO_DIGITS + 1 - count));
}

/* ns as seconds: the shortest number that is the same double. Up to fifteen digits that is the
   number itself. NULL with an exception. */
static char *put_seconds(char *at, uint64_t ns)
{
    char part[NANO_DIGITS], *text;
    uint64_t rest = ns % NANO;
    int place, kept = NANO_DIGITS;

    if (ns >= MOST) {
        text = PyOS_double_to_string((double)ns / 1e9, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
        if (!text)
            return NULL;
        place = (int)strlen(text);
        memcpy(at, text, (size_t)place);
        PyMem_Free(text);
        return at + place;
    }
    if (ns && ns < FEWEST)
        return put_small(at, ns);
    at = put_number(at, ns / NANO);
    *at++ = '.';
    for (place = NANO_DIGITS; place--; rest /= 10)
        part[place] = (char)('0' + rest % 10);
    while (kept > 1 && part[kept - 1] == '0')
        kept--;
    memcpy(at, part, (size_t)kept);
    return at + kept;
}

/* ---- one report --------------------------------------------------------------------------- */
typedef struct {
    PyObject *numbers, *texts;
    long long start;
} Values;

/* A number or a time; NULL with an exception. */
static char *put_value(char *at, PyObject *value, int kind, long long start)
{
    long long number;

    if (value == Py_None && kind == NUMBER)
        return memcpy(at, "null", 4), at + 4;
    number = PyLong_AsLongLong(value);
    if (number == -1 && PyErr_Occurred())
        return NULL;
    if (kind == TIME) {
        if (number >= start)
            return put_seconds(at, (uint64_t)number - (uint64_t)start);
        PyErr_SetString(PyExc_OverflowError, "a time before the start");
        return NULL;
    }
    if (number < 0)
        *at++ = '-';
    return put_number(at, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

static char *put_piece(char *at, PyObject *piece)
{
    memcpy(at, PyBytes_AS_STRING(piece), (size_t)PyBytes_GET_SIZE(piece));
    return at + PyBytes_GET_SIZE(piece);
}

/* The bytes of all texts that are chosen; -1 with an exception where a value is none. */
static Py_ssize_t size_of(const Mould *self, const Values *values)
{
    Py_ssize_t size = self->fixed, place;
    PyObject *text;

    for (place = 0; place < self->values; place++) {
        if (self->kinds[place] != WORD) {
            size += LONGEST;
            continue;
        }
        if (self->chosen[place] >= PyTuple_GET_SIZE(values->texts)) {
            PyErr_SetString(PyExc_ValueError, "a mould has more values than it was given");
            return -1;
        }
        text = PyTuple_GET_ITEM(values->texts, self->chosen[place]);
        if (!PyUnicode_Check(text) || !PyUnicode_IS_COMPACT_ASCII(text)) {
            PyErr_SetString(PyExc_ValueError, "a text is ASCII");
            return -1;
        }
        size += PyUnicode_GET_LENGTH(text);
    }
    return size;
}

static char *fill(const Mould *self, const Values *values, char *at)
{
    Py_ssize_t place;
    PyObject *value;

    for (place = 0; at && place < self->values; place++) {
        at = put_piece(at, PyTuple_GET_ITEM(self->pieces, place));
        if (self->kinds[place] != WORD) {
            value = PyTuple_GET_ITEM(values->numbers, self->chosen[place]);
            at = put_value(at, value, self->kinds[place], values->start);
            continue;
        }
        value = PyTuple_GET_ITEM(values->texts, self->chosen[place]);
        memcpy(at, PyUnicode_DATA(value), (size_t)PyUnicode_GET_LENGTH(value));
        at += PyUnicode_GET_LENGTH(value);
    }
    return at ? put_piece(at, PyTuple_GET_ITEM(self->pieces, self->values)) : NULL;
}

static PyObject *mould_filled(Mould *self, PyObject *given)
{
    Values values;
    PyObject *made;
    Py_ssize_t size;
    char *end;

    if (!self->kinds || !PyTuple_Check(given) ||
        !PyArg_ParseTuple(given, "O!LO!", &PyTuple_Type, &values.numbers, &values.start,
                          &PyTuple_Type, &values.texts) ||
        PyTuple_GET_SIZE(values.numbers) != self->numbers) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_TypeError, "values are a tuple, of so many numbers");
        return NULL;
    }
    size = size_of(self, &values);
    made = size < 0 ? NULL : PyBytes_FromStringAndSize(NULL, size);
    if (!made)
        return NULL;
    end = fill(self, &values, PyBytes_AS_STRING(made));
    if (!end)
        Py_CLEAR(made);
    else
        _PyBytes_Resize(&made, end - PyBytes_AS_STRING(made));
    return made;
}

/* ---- the type ----------------------------------------------------------------------------- */
/* The bytes of all pieces; -1 with an exception. */
static Py_ssize_t size_of_all(PyObject *pieces)
{
    Py_ssize_t place, size = 0;

    for (place = 0; place < PyTuple_GET_SIZE(pieces); place++) {
        if (!PyBytes_Check(PyTuple_GET_ITEM(pieces, place))) {
            PyErr_SetString(PyExc_TypeError, "a piece is bytes");
            return -1;
        }
        size += PyBytes_GET_SIZE(PyTuple_GET_ITEM(pieces, place));
    }
    return size;
}

/* What stands at each place: of a text its place among texts. -1 with an exception. */
static int choose(Mould *self, PyObject *chosen, PyObject *times)
{
    Py_ssize_t place, one;
    int is_time;

    for (place = 0; place < self->values; place++) {
        one = PyLong_AsSsize_t(PyTuple_GET_ITEM(chosen, place));
        is_time = PySet_Contains(times, PyTuple_GET_ITEM(chosen, place));
        if (one < 0 || is_time < 0) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_ValueError, "a place is not below 0");
            return -1;
        }
        self->kinds[place] = one >= self->numbers ? WORD : is_time ? TIME : NUMBER;
        self->chosen[place] = one >= self->numbers ? one - self->numbers : one;
    }
    return 0;
}

static int mould_init(Mould *self, PyObject *args, PyObject *names)
{
    static char *words[] = {"pieces", "chosen", "numbers", "times", NULL};
    PyObject *pieces, *chosen, *times;

    if (self->chosen ||
        !PyArg_ParseTupleAndKeywords(args, names, "O!O!nO!", words, &PyTuple_Type, &pieces,
                                     &PyTuple_Type, &chosen, &self->numbers, &PyFrozenSet_Type,
                                     &times))
        return -1;
    self->values = PyTuple_GET_SIZE(chosen);
    if (PyTuple_GET_SIZE(pieces) != self->values + 1) {
        PyErr_SetString(PyExc_ValueError, "there is one piece more than there are values");
        return -1;
    }
    self->fixed = size_of_all(pieces);
    if (self->fixed < 0)
        return -1;
    Py_INCREF(pieces);
    self->pieces = pieces;
    self->chosen = PyMem_New(Py_ssize_t, self->values + 1);
    self->kinds = self->chosen ? PyMem_New(char, self->values + 1) : NULL;
    if (!self->kinds) {
        PyErr_NoMemory();
        return -1;
    }
    if (!choose(self, chosen, times))
        return 0;
    PyMem_Free(self->kinds);
    self->kinds = NULL; /* and so nothing is filled */
    return -1;
}

static void mould_dealloc(Mould *self)
{
    PyTypeObject *type = Py_TYPE(self);

    Py_CLEAR(self->pieces);
    PyMem_Free(self->chosen);
    PyMem_Free(self->kinds);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef mould_methods[] = {
    {"filled", (PyCFunction)mould_filled, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot mould_slots[] = {
    {Py_tp_init, mould_init},
    {Py_tp_dealloc, mould_dealloc},
    {Py_tp_methods, mould_methods},
    {0, NULL},
};

static PyType_Spec mould_spec = {
    .name = "wsdebug.compiled._moulds.Mould",
    .basicsize = sizeof(Mould),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = mould_slots,
};

static struct PyModuleDef module = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "wsdebug.compiled._moulds",
    .m_doc = "What wsdebug.report.moulds does, in C.",
    .m_size = -1,
};

PyMODINIT_FUNC PyInit__moulds(void)
{
    PyObject *made = PyModule_Create(&module), *type = PyType_FromSpec(&mould_spec);

    if (!made || !type || PyModule_AddObjectRef(made, "Mould", type)) {
        Py_XDECREF(made);
        Py_XDECREF(type);
        return NULL;
    }
    Py_DECREF(type);
    return made;
}
