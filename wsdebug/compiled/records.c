/* The loops of wsdebug/capture/pcap.py and pcapng.py where record after record is plain and whole.
 * They say what is done here and why; whatever is not plain stops the run and is looked at there. */
#include "batch.h"

/* In front of a packet's bytes, and in pcapng the length again behind them. */
enum { PCAP_HEADER = 16, LONGEST_PCAP_HEADER = 24, FIXED = 28, TRAILER = 4 };
enum { ENHANCED_PACKET = 6 };

#define SECOND 1000000000LL
/* The most nanoseconds a unit: with it 2**32 seconds and 2**32 units are less than 2**63. */
#define LONGEST_UNIT SECOND

static PyTypeObject *batch_type;

/* What is read, and what all its packets share. */
typedef struct {
    const uint8_t *data;
    Py_ssize_t at, size;
    int is_big; /* byte order */
    Batch *batch;
    int link_type;
    long long number, base; /* of the packet before; the place of data[0] */
} Run;

static uint32_t field(const Run *run, Py_ssize_t at)
{
    const uint8_t *here = run->data + at;

    if (run->is_big)
        return (uint32_t)here[0] << 24 | (uint32_t)here[1] << 16 | (uint32_t)here[2] << 8 | here[3];
    return (uint32_t)here[3] << 24 | (uint32_t)here[2] << 16 | (uint32_t)here[1] << 8 | here[0];
}

/* The packet of the record at `run->at`, its bytes from `start` on; -1 with an exception. */
static int append(Run *run, long long time, Py_ssize_t start, long long captured, uint32_t wire)
{
    const Row row = {
        .number = run->number + 1,
        .time = time,
        .place = run->base + run->at,
        .start = (uint32_t)start,
        .size = (uint32_t)captured,
        .wire = wire,
        .link_type = run->link_type,
    };

    if (batch_add(run->batch, &row))
        return -1;
    run->number++;
    return 0;
}

/* draft-ietf-opsawg-pcap 5: seconds, fraction, captured bytes, bytes on the wire. */
static int pcap_records(Run *run, Py_ssize_t header, long long unit, long long usual)
{
    while (run->size - run->at >= header) {
        const long long time = field(run, run->at) * SECOND + field(run, run->at + 4) * unit;
        const long long captured = field(run, run->at + 8);

        if (!captured || captured > usual || captured > run->size - run->at - header)
            break;
        if (append(run, time, run->at + header, captured, field(run, run->at + 12)))
            return -1;
        run->at += header + (Py_ssize_t)captured;
    }
    return 0;
}

/* Packets of one interface whose time stamps have the same upper half. */
typedef struct {
    long long longest, index, high, start, multiplier;
} Window;

/* draft-ietf-opsawg-pcapng 4.3: type, length, interface, time stamp in two halves, captured bytes,
 * bytes on the wire; the packet, padding and options; the length again. */
static int pcapng_records(Run *run, const Window *window)
{
    while (run->size - run->at >= FIXED + TRAILER) {
        const Py_ssize_t at = run->at;
        const long long length = field(run, at + 4), captured = field(run, at + 20);

        if (field(run, at) != ENHANCED_PACKET || field(run, at + 8) != window->index ||
            field(run, at + 12) != window->high)
            break;
        if (length < FIXED + TRAILER || length > window->longest || length > run->size - at ||
            captured > length - FIXED - TRAILER ||
            field(run, at + (Py_ssize_t)length - TRAILER) != length)
            break;
        if (append(run, window->start + field(run, at + 16) * window->multiplier, at + FIXED,
                   captured, field(run, at + 24)))
            return -1;
        run->at += (Py_ssize_t)length;
    }
    return 0;
}

/* ---- from and to Python ------------------------------------------------------------------- */

/* Whole numbers; 1 where one has more than 63 bits, which is not for here; -1: an exception. */
static int numbers(PyObject *const *args, long long *values, int count)
{
    int place, beyond, found = 0;

    for (place = 0; place < count; place++) {
        values[place] = PyLong_AsLongLongAndOverflow(args[place], &beyond);
        if (values[place] == -1 && !beyond && PyErr_Occurred())
            return -1;
        found |= beyond != 0;
    }
    return found;
}

/* The six arguments that both have, then numbers: as `numbers`. */
static int begin(Run *run, PyObject *const *args, Py_ssize_t count, long long *values, int more)
{
    long long own[4];
    int beyond, rest;

    if (count != 6 + more || !PyBytes_Check(args[0]) || !Py_IS_TYPE(args[1], batch_type)) {
        PyErr_Format(PyExc_TypeError, "bytes, a batch and %d numbers are wanted", 4 + more);
        return -1;
    }
    beyond = numbers(args + 2, own, 4);
    rest = beyond < 0 ? -1 : numbers(args + 6, values, more);
    if (rest < 0)
        return -1;
    run->data = (const uint8_t *)PyBytes_AS_STRING(args[0]);
    run->size = PyBytes_GET_SIZE(args[0]);
    run->at = 0;
    run->batch = (Batch *)args[1];
    run->link_type = (int)own[0];
    run->is_big = own[1] != 0;
    run->number = own[2];
    run->base = own[3];
    /* A record is longer than a byte: no number and no place in here gets further than this. */
    return beyond || rest || own[2] > LLONG_MAX - run->size || own[3] > LLONG_MAX - run->size ||
           own[0] <= INT_MIN || own[0] > INT_MAX || !batch_begins(run->batch, args[0]);
}

static PyObject *refuse(void)
{
    PyErr_SetString(PyExc_ValueError, "a number is out of its range");
    return NULL;
}

static PyObject *pcap(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Run run;
    long long values[3]; /* header, unit, usual */
    int beyond = begin(&run, args, count, values, 3);

    (void)module;
    if (beyond < 0)
        return NULL;
    if (beyond)
        return Py_BuildValue("(iO)", 0, args[4]);
    if (values[0] < PCAP_HEADER || values[0] > LONGEST_PCAP_HEADER || values[1] < 0 ||
        values[1] > LONGEST_UNIT)
        return refuse();
    if (pcap_records(&run, (Py_ssize_t)values[0], values[1], values[2]))
        return NULL;
    return Py_BuildValue("(nL)", run.at, run.number);
}

static PyObject *pcapng(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Run run;
    Window window;
    long long values[7]; /* at, size, longest, index, high, start, multiplier */
    int beyond = begin(&run, args, count, values, 7);

    (void)module;
    if (beyond < 0)
        return NULL;
    window = (Window){values[2], values[3], values[4], values[5], values[6]};
    if (beyond)
        return Py_BuildValue("(OO)", args[6], args[4]);
    if (values[0] < 0 || values[0] > values[1] || values[1] > run.size || window.start < 0 ||
        window.multiplier < 0 || window.multiplier > LONGEST_UNIT)
        return refuse();
    if (window.start > LLONG_MAX - UINT32_MAX * window.multiplier) /* beyond the year 2262 */
        return Py_BuildValue("(OO)", args[6], args[4]);
    run.at = (Py_ssize_t)values[0];
    run.size = (Py_ssize_t)values[1];
    if (pcapng_records(&run, &window))
        return NULL;
    return Py_BuildValue("(nL)", run.at, run.number);
}

/* ---- the module --------------------------------------------------------------------------- */

static PyMethodDef methods[] = {
    {"pcap", (PyCFunction)(void (*)(void))pcap, METH_FASTCALL,
     "Appends the packets up to the first record that is not plain or not whole: (where it begins,\n"
     "number of the last packet)."},
    {"pcapng", (PyCFunction)(void (*)(void))pcapng, METH_FASTCALL,
     "The same for enhanced packet blocks of one interface and one upper half of the time."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "wsdebug.compiled._records",
    .m_doc = "What wsdebug.capture.pcap and pcapng do with plain records, in C.",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit__records(void)
{
    PyObject *made = PyModule_Create(&module);

    if (!made)
        return NULL;
    batch_type = batch_type_new();
    if (!batch_type || PyModule_AddObjectRef(made, "Batch", (PyObject *)batch_type)) {
        Py_DECREF(made);
        return NULL;
    }
    return made;
}
