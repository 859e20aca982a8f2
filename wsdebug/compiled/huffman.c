#include "huffman.h"

#include <string.h>

/* Symbols in the order of their codes: by length, then by number. Returns how many bit strings of
 * HUFFMAN_LONGEST bits are left over, below 0 where more are used than there are. */
static int sort(const uint8_t *lengths, unsigned symbols, unsigned *counts, uint16_t *sorted)
{
    unsigned next[HUFFMAN_LONGEST + 2], symbol, length;
    int left = 1;

    memset(counts, 0, (HUFFMAN_LONGEST + 1) * sizeof *counts);
    for (symbol = 0; symbol < symbols; symbol++)
        counts[lengths[symbol]]++;
    counts[0] = 0;
    next[1] = 0;
    for (length = 1; length <= HUFFMAN_LONGEST; length++) {
        left = left * 2 - (int)counts[length];
        if (left < 0)
            return left;
        next[length + 1] = next[length] + counts[length];
    }
    for (symbol = 0; symbol < symbols; symbol++)
        if (lengths[symbol])
            sorted[next[lengths[symbol]]++] = (uint16_t)symbol;
    return left;
}

/* A code that leaves bit strings over: one of one bit, or none. */
static int lacking(entry *table, unsigned root, const unsigned *counts, const uint16_t *sorted,
                   const entry *meanings)
{
    unsigned at, length, codes = 0;

    for (length = 1; length <= HUFFMAN_LONGEST; length++)
        codes += counts[length];
    if (codes > counts[1] || codes > 1)
        return 0;
    for (at = 0; at < 1u << root; at++)
        table[at] = codes && !(at & 1) ? meanings[sorted[0]] | 1 : IS_BAD | 1;
    return 1;
}

/* By how many bits the table is looked up in which the codes of `length` and those behind them
 * with the same first `root` bits stand. */
static unsigned bits_of_longer(const unsigned *counts, unsigned length, unsigned root)
{
    unsigned bits = length - root;
    int left = 1 << bits;

    for (; bits + root < HUFFMAN_LONGEST; bits++) {
        left -= (int)counts[bits + root];
        if (left <= 0)
            break;
        left <<= 1;
    }
    return bits;
}

int huffman_table(entry *table, size_t room, unsigned root, const uint8_t *lengths, unsigned symbols,
                  const entry *meanings, int may_lack)
{
    unsigned counts[HUFFMAN_LONGEST + 1], remaining[HUFFMAN_LONGEST + 1];
    uint16_t sorted[HUFFMAN_SYMBOLS];
    const uint16_t *symbol = sorted;
    const unsigned mask = (1u << root) - 1;
    size_t used = (size_t)1 << root, longer = 0, at;
    unsigned length, code = 0, bit, prefix = ~0u, bits = 0;
    entry meant;
    int left = sort(lengths, symbols, counts, sorted);

    if (left)
        return left > 0 && may_lack && lacking(table, root, counts, sorted, meanings);
    memcpy(remaining, counts, sizeof counts);
    for (length = 1; length <= HUFFMAN_LONGEST; length++) {
        /* Longer codes begin with bits that no shorter one has: what stands there is repeated. */
        if (length > 1 && length <= root)
            memcpy(table + (1u << (length - 1)), table, sizeof *table << (length - 1));
        for (; remaining[length]; remaining[length]--) {
            meant = meanings[*symbol++] | length;
            if (length <= root) {
                table[code] = meant;
            } else {
                if ((code & mask) != prefix) {
                    prefix = code & mask;
                    bits = bits_of_longer(remaining, length, root);
                    longer = used;
                    used += (size_t)1 << bits;
                    if (used > room)
                        return 0;
                    table[prefix] = ENTRY(longer, bits, IS_LONGER);
                }
                for (at = code >> root; at < (size_t)1 << bits; at += (size_t)1 << (length - root))
                    table[longer + at] = meant;
            }
            /* The next code, its first bit lowest: as the stream has them. */
            for (bit = 1u << (length - 1); code & bit; bit >>= 1)
                ;
            code = bit ? (code & (bit - 1)) | bit : 0;
        }
    }
    return 1;
}
