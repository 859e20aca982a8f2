/* A message of permessage-deflate in one go (RFC 1951, RFC 7692 7.2.2).
 *
 * It reads what is sound and says of all else that it is something else: what is wrong with that,
 * zlib tells, from the same state. So it may refuse what zlib reads, never the other way round.
 */
#ifndef WSDEBUG_INFLATE_H
#define WSDEBUG_INFLATE_H

#include <stddef.h>
#include <stdint.h>

#define INFLATE_PADDING 16
/* Bytes behind the input that can be read; whatever they are, they change nothing. */
#define INFLATE_SLACK 16
/* Bytes behind `end` of the output that can be written. */

enum inflated {
    INFLATED,
    INFLATE_FULL,  /* there is more output than room */
    INFLATE_OTHER, /* a fault, a last block (BFINAL), an end within a block or within a byte */
};

struct output {
    uint8_t *bytes;
    size_t first; /* the oldest byte that the message may refer to */
    size_t at;    /* where the next one goes */
    size_t end;   /* where the room ends */
};

/* Makes the tables of RFC 1951 3.2.6; once, before anything is inflated. */
void inflate_prepare(void);

/* Inflates `size` bytes; `out->at` is moved on. */
enum inflated inflate_message(const uint8_t *in, size_t size, struct output *out);

#endif
