#include "inflate.h"

#include <string.h>

#include "huffman.h"

#define LITERAL_ROOT 9
#define DISTANCE_ROOT 8
#define ORDER_ROOT 7
/* Room for the tables and those of longer codes: zlib needs 852 entries for 286 symbols with a root
 * of 9 bits, 592 for 30 with one of 6. What does not fit here is for zlib. */
#define LITERAL_ROOM 1024
#define DISTANCE_ROOM 1024

/* RFC 1951 3.2.5: literals, the end of the block and lengths; distances; 3.2.7: code lengths. */
static entry literal_meanings[HUFFMAN_SYMBOLS], distance_meanings[32], order_meanings[19];
static entry fixed_literals[1 << LITERAL_ROOT], fixed_distances[1 << DISTANCE_ROOT];

/* The input as bits, the next one lowest. `word` holds `count` of them. */
struct bits {
    const uint8_t *next, *end;
    uint64_t word;
    unsigned count;
};

void inflate_prepare(void)
{
    uint8_t lengths[HUFFMAN_SYMBOLS];
    unsigned symbol, extra, value;

    for (symbol = 0; symbol < 256; symbol++)
        literal_meanings[symbol] = ENTRY(symbol, 0, IS_LITERAL);
    literal_meanings[256] = ENTRY(0, 0, IS_END);
    for (symbol = 257, value = 3; symbol < 285; symbol++) {
        extra = symbol < 265 ? 0 : (symbol - 261) / 4;
        literal_meanings[symbol] = ENTRY(value, extra, 0);
        value += 1u << extra;
    }
    literal_meanings[285] = ENTRY(258, 0, 0);
    literal_meanings[286] = literal_meanings[287] = ENTRY(0, 0, IS_BAD);
    for (symbol = 0, value = 1; symbol < 30; symbol++) {
        extra = symbol < 4 ? 0 : (symbol - 2) / 2;
        distance_meanings[symbol] = ENTRY(value, extra, 0);
        value += 1u << extra;
    }
    distance_meanings[30] = distance_meanings[31] = ENTRY(0, 0, IS_BAD);
    for (symbol = 0; symbol < 19; symbol++)
        order_meanings[symbol] = ENTRY(symbol, 0, 0);
    /* RFC 1951 3.2.6. */
    for (symbol = 0; symbol < HUFFMAN_SYMBOLS; symbol++)
        lengths[symbol] = symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8;
    huffman_table(fixed_literals, 1 << LITERAL_ROOT, LITERAL_ROOT, lengths, HUFFMAN_SYMBOLS,
                  literal_meanings, 0);
    memset(lengths, 5, 32);
    huffman_table(fixed_distances, 1 << DISTANCE_ROOT, DISTANCE_ROOT, lengths, 32,
                  distance_meanings, 0);
}

static inline uint64_t eight(const uint8_t *at)
{
    return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 |
           (uint64_t)at[3] << 24 | (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40 |
           (uint64_t)at[6] << 48 | (uint64_t)at[7] << 56;
}

/* How many bits of the input are not used yet; below 0 where more were used than there are. */
static inline ptrdiff_t unused(const struct bits *bits)
{
    return (bits->end - bits->next) * 8 + (ptrdiff_t)bits->count;
}

/* At least 56 bits into `word`, padding where the input is over; 0: padding was used already. */
static inline int refill(struct bits *bits)
{
    if (unused(bits) < 0)
        return 0;
    bits->word |= eight(bits->next) << bits->count;
    bits->next += (63 - bits->count) >> 3;
    bits->count |= 56;
    return 1;
}

static inline unsigned take(struct bits *bits, unsigned count)
{
    const unsigned value = (unsigned)(bits->word & ((UINT64_C(1) << count) - 1));

    bits->word >>= count;
    bits->count -= count;
    return value;
}

/* The next code's entry; its bits are taken. */
static inline entry symbol(struct bits *bits, const entry *table, unsigned root)
{
    entry found = table[bits->word & ((1u << root) - 1)];

    if (found & IS_LONGER)
        found = table[ENTRY_VALUE(found) +
                      (bits->word >> root & ((1u << ENTRY_EXTRA(found)) - 1))];
    take(bits, ENTRY_BITS(found));
    return found;
}

/* `length` bytes from `distance` before; up to 7 more are written. */
static inline void repeat(uint8_t *to, size_t distance, size_t length)
{
    const uint8_t *from = to - distance, *stop = to + length;

    if (distance < 8) {
        while (to < stop)
            *to++ = *from++;
        return;
    }
    do {
        memcpy(to, from, 8);
        to += 8;
        from += 8;
    } while (to < stop);
}

/* RFC 1951 3.2.3: literals and references up to the end of the block. */
static enum inflated block(struct bits *in, struct output *out, const entry *literals,
                           const entry *distances)
{
    struct bits bits = *in;
    uint8_t *const bytes = out->bytes;
    const size_t end = out->end;
    size_t at = out->at, length, distance;
    entry found;

    for (;;) {
        if (!refill(&bits))
            return INFLATE_OTHER;
        if (at > end)
            return INFLATE_FULL;
        /* Three codes of up to 15 bits, and 5 bits of a length, are fewer than 56 bits; three
         * literals are fewer than the slack. */
        found = symbol(&bits, literals, LITERAL_ROOT);
        if (found & IS_LITERAL) {
            bytes[at++] = (uint8_t)ENTRY_VALUE(found);
            found = symbol(&bits, literals, LITERAL_ROOT);
            if (found & IS_LITERAL) {
                bytes[at++] = (uint8_t)ENTRY_VALUE(found);
                found = symbol(&bits, literals, LITERAL_ROOT);
                if (found & IS_LITERAL) {
                    bytes[at++] = (uint8_t)ENTRY_VALUE(found);
                    continue;
                }
            }
        }
        if (found & IS_SPECIAL)
            break;
        length = ENTRY_VALUE(found) + take(&bits, ENTRY_EXTRA(found));
        if (!refill(&bits))
            return INFLATE_OTHER;
        found = symbol(&bits, distances, DISTANCE_ROOT);
        if (found & IS_BAD)
            return INFLATE_OTHER;
        distance = ENTRY_VALUE(found) + take(&bits, ENTRY_EXTRA(found));
        if (distance > at - out->first)
            return INFLATE_OTHER;
        if (at + length > end)
            return INFLATE_FULL;
        repeat(bytes + at, distance, length);
        at += length;
    }
    if (!(found & IS_END))
        return INFLATE_OTHER;
    if (at > end)
        return INFLATE_FULL;
    *in = bits;
    out->at = at;
    return INFLATED;
}

/* RFC 1951 3.2.4: bytes as they are. */
static enum inflated stored(struct bits *bits, struct output *out)
{
    size_t length;

    take(bits, bits->count & 7);
    if (!refill(bits) || unused(bits) < 32)
        return INFLATE_OTHER;
    length = take(bits, 16);
    if (take(bits, 16) != (length ^ 0xFFFF) || (ptrdiff_t)length > unused(bits) / 8)
        return INFLATE_OTHER;
    if (length > out->end - out->at)
        return INFLATE_FULL;
    bits->next -= bits->count >> 3;
    bits->word = bits->count = 0;
    memcpy(out->bytes + out->at, bits->next, length);
    bits->next += length;
    out->at += length;
    return INFLATED;
}

/* RFC 1951 3.2.7: the code lengths of both alphabets, themselves coded. 0: they are none. */
static int code_lengths(struct bits *bits, uint8_t *lengths, unsigned codes)
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t of_order[19] = {0};
    entry table[1 << ORDER_ROOT];
    unsigned at, count = take(bits, 4) + 4, value, times;

    for (at = 0; at < count; at++) {
        if (!refill(bits))
            return 0;
        of_order[order[at]] = (uint8_t)take(bits, 3);
    }
    if (!huffman_table(table, 1 << ORDER_ROOT, ORDER_ROOT, of_order, 19, order_meanings, 0))
        return 0;
    for (at = 0; at < codes;) {
        if (!refill(bits))
            return 0;
        value = ENTRY_VALUE(symbol(bits, table, ORDER_ROOT));
        if (value < 16) {
            lengths[at++] = (uint8_t)value;
            continue;
        }
        if (value == 16 && !at)
            return 0;
        times = value == 16 ? 3 + take(bits, 2) : value == 17 ? 3 + take(bits, 3) : 11 + take(bits, 7);
        if (times > codes - at)
            return 0;
        memset(lengths + at, value == 16 ? lengths[at - 1] : 0, times);
        at += times;
    }
    return 1;
}

static enum inflated dynamic(struct bits *bits, struct output *out)
{
    entry literals[LITERAL_ROOM], distances[DISTANCE_ROOM];
    uint8_t lengths[286 + 30];
    const unsigned literal_codes = take(bits, 5) + 257, distance_codes = take(bits, 5) + 1;

    if (literal_codes > 286 || distance_codes > 30 ||
        !code_lengths(bits, lengths, literal_codes + distance_codes) ||
        !huffman_table(literals, LITERAL_ROOM, LITERAL_ROOT, lengths, literal_codes,
                       literal_meanings, 0) ||
        !huffman_table(distances, DISTANCE_ROOM, DISTANCE_ROOT, lengths + literal_codes,
                       distance_codes, distance_meanings, 1))
        return INFLATE_OTHER;
    return block(bits, out, literals, distances);
}

enum inflated inflate_message(const uint8_t *in, size_t size, struct output *out)
{
    struct bits bits = {in, in + size, 0, 0};
    enum inflated how;

    do {
        /* RFC 1951 3.2.3: BFINAL, BTYPE. */
        if (!refill(&bits) || take(&bits, 1))
            return INFLATE_OTHER;
        switch (take(&bits, 2)) {
        case 0:
            how = stored(&bits, out);
            break;
        case 1:
            how = block(&bits, out, fixed_literals, fixed_distances);
            break;
        case 2:
            how = dynamic(&bits, out);
            break;
        default:
            how = INFLATE_OTHER;
        }
        if (how != INFLATED)
            return how;
    } while (unused(&bits) > 0);
    return unused(&bits) ? INFLATE_OTHER : INFLATED;
}
