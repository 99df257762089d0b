// What stands between the products of a layer, and attention, for processors with AVX-512, with or without its bf16 instructions and
// AMX, and for those with AVX2: inference/fused.py compiles and calls it. bf16 numbers are uint16_t; hidden states are float32.
// Every function splits its work over `threads` of torch's own pool.

#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fused.h"

// A mask has zeros, or the smallest number there is.
#define UNSEEN -1e30f
#define LEEWAY 6.0f

#ifdef __AMX_BF16__
enum { LINES = 32, BLOCK = 256, WIDE = BLOCK + 32 };
#elif defined(__AVX512F__)
enum { LINES = 16, BLOCK = 128, WIDE = BLOCK };
#else
enum { LINES = 16, BLOCK = 256, WIDE = BLOCK };
#endif
// Lines of queries that are worked on at once, and slots, so that their scores stay in the nearest cache, and so does what is fetched.
enum { WIDEST = 128, CHUNK = 64 };
// Numbers of a head at most; lines that one thread takes at once.
enum { CAPACITY, BEFORE, ROWS, FIRST, COLUMNS, SHARED, TOGETHER, FIELDS };
// Of a part: slots of its tape, those in use before this pass, its rows, the first of them in the pass, columns of its mask, slots
// that it has in common with other tapes, and whether a span attends to these. Of a span the same fields, as far as they say anything.

// hidden [rows, width] += more (where there is any); out = hidden divided by its root mean square. width: a multiple of 16.
void aside_add_norm(float *hidden, const bf16 *more, bf16 *out, int64_t rows, int64_t width, float epsilon, int threads) {
#pragma omp parallel for num_threads(threads) if (threads > 1)
    for (int64_t row = 0; row < rows; row++) {
        float *h = hidden + row * width;
        floats squares = all(0.0f);
        for (int64_t i = 0; i < width; i += TILE) {
            floats x = get(h + i);
            if (more) {
                x = plus(x, load(more + row * width + i));
                put(h + i, x);
            }
            squares = times_plus(x, x, squares);
        }
        const floats by = all(1.0f / sqrtf(sum(squares) / width + epsilon));
        for (int64_t i = 0; i < width; i += TILE) store(out + row * width + i, times(get(h + i), by));
    }
}

// both [rows, 2 * width]: gates, then what they let through → out [rows, width]: silu(gate) * value. width: a multiple of 16.
void aside_gate(const bf16 *both, bf16 *out, int64_t rows, int64_t width, int threads) {
#pragma omp parallel for num_threads(threads) if (threads > 1)
    for (int64_t row = 0; row < rows; row++) {
        const bf16 *gates = both + 2 * row * width;
        for (int64_t i = 0; i < width; i += TILE) {
            store(out + row * width + i, let(load(gates + i), load(gates + width + i)));
        }
    }
}

// Pairs of `from` as complex numbers times those of `turns`, times `scale`.
static inline void turn_all(const bf16 *from, const float *turns, float scale, bf16 *to, int64_t size) {
    for (int64_t i = 0; i < size; i += TILE) store(to + i, times(turned(load(from + i), get(turns + i)), all(scale)));
}

// A tape keeps keys and values as they are multiplied. Keys: tiles of 16 slots x 32 numbers, pairs of numbers below each other.
// Values: tiles of 32 slots x 16 numbers, pairs of slots beside each other. The tiles of 16, or 32, slots are one block.
static inline void keep_key(const bf16 *key, bf16 *keys, int64_t slot, int64_t size) {
    keys += slot / TILE * TILE * size + slot % TILE * 2;
    for (int64_t i = 0; i < size; i += 2) __builtin_memcpy(keys + i * TILE, key + i, 2 * sizeof *key);
}

static inline void keep_value(const bf16 *value, bf16 *values, int64_t slot, int64_t size) {
    values += slot / PAIR * PAIR * size + slot % PAIR / 2 * PAIR + slot % 2;
    for (int64_t i = 0; i < size; i++) values[i / TILE * TILE * PAIR + i % TILE * 2] = value[i];
}

#ifdef __AMX_BF16__

// Scores of `lines` rows of queries, 32 at most, `size` numbers each, with `padded` slots: [32, WIDE]. Where nobody sees 32 slots: 0.
// Nothing is fetched ahead here: where there was AMX it changed nothing.
static void score(const bf16 *queries, int64_t lines, const bf16 *keys, int64_t padded, int64_t size, const uint8_t *live,
                  const bf16 *values, float *scores) {
    const int two = lines > TILE;
    const bf16 *below = queries + TILE * size, *beside = keys + TILE * size;
    for (int64_t slot = 0; slot < padded; slot += PAIR, keys += PAIR * size, beside += PAIR * size) {
        if (!live[slot / PAIR]) {
            for (int64_t i = 0; i < lines; i++) memset(scores + i * WIDE + slot, 0, PAIR * sizeof *scores);
            continue;
        }
        // Four sums at once: each product waits for the one before it.
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
        for (int64_t k = 0; k < size; k += PAIR) {
            _tile_loadd(4, queries + k, 2 * size);
            _tile_loadd(6, keys + k * TILE, 64);
            _tile_dpbf16ps(0, 4, 6);
            _tile_loadd(7, beside + k * TILE, 64);
            _tile_dpbf16ps(1, 4, 7);
            if (two) {
                _tile_loadd(5, below + k, 2 * size);
                _tile_dpbf16ps(2, 5, 6);
                _tile_dpbf16ps(3, 5, 7);
            }
        }
        _tile_stored(0, scores + slot, 4 * WIDE);
        _tile_stored(1, scores + slot + TILE, 4 * WIDE);
        if (two) {
            _tile_stored(2, scores + TILE * WIDE + slot, 4 * WIDE);
            _tile_stored(3, scores + TILE * WIDE + slot + TILE, 4 * WIDE);
        }
    }
}

// weights [32, WIDE] of `padded` slots times 64 numbers of each, four tiles of values side by side: [32, 64].
static void gather(const bf16 *weights, int64_t lines, const bf16 *values, int64_t padded, int64_t size, const uint8_t *live,
                   struct ahead *ahead, float *out) {
    const int two = lines > TILE;
    for (int64_t half = 0; half < 2; half++) {
        const bf16 *some = values + half * 2 * TILE * PAIR;
        _tile_zero(0);
        _tile_zero(1);
        if (two) {
            _tile_zero(2);
            _tile_zero(3);
        }
        for (int64_t slot = 0; slot < padded; slot += PAIR, some += size * PAIR) {
            if (!live[slot / PAIR]) continue;
            _tile_loadd(4, weights + slot, 2 * WIDE);
            _tile_loadd(6, some, 64);
            _tile_dpbf16ps(0, 4, 6);
            _tile_loadd(7, some + TILE * PAIR, 64);
            _tile_dpbf16ps(1, 4, 7);
            if (two) {
                _tile_loadd(5, weights + TILE * WIDE + slot, 2 * WIDE);
                _tile_dpbf16ps(2, 5, 6);
                _tile_dpbf16ps(3, 5, 7);
            }
        }
        float *to = out + half * 2 * TILE;
        _tile_stored(0, to, 256);
        _tile_stored(1, to + TILE, 256);
        if (two) {
            _tile_stored(2, to + TILE * 64, 256);
            _tile_stored(3, to + TILE * 64 + TILE, 256);
        }
    }
}

#else

// Scores of `lines` rows of queries, 16 at most, `size` numbers each, with `padded` slots: [16, WIDE]. Their values, which are read
// next and take as much room as the keys, are fetched meanwhile.
static void score(const factor *queries, int64_t lines, const bf16 *keys, int64_t padded, int64_t size, const uint8_t *live,
                  const bf16 *values, float *scores) {
    for (int64_t slot = 0; slot < padded; slot += PAIR)
        if (live[slot / PAIR])
            multiply_lines(lines, queries, size / 2, size / 2, keys + slot * size, TILE * size, TILE * PAIR, NULL, scores + slot, WIDE,
                           (struct ahead){(const char *)(values + slot * size), 2 * TILE});
        else
            for (int64_t i = 0; i < lines; i++) memset(scores + i * WIDE + slot, 0, PAIR * sizeof *scores);
}

// weights [16, WIDE] of `padded` slots times 64 numbers of each, four tiles of values side by side: [lines, 64]. `ahead`: what is
// fetched for each two tiles; it is left after what was.
static void gather(const factor *weights, int64_t lines, const bf16 *values, int64_t padded, int64_t size, const uint8_t *live,
                   struct ahead *ahead, float *out) {
    for (int64_t at = 0; at < 64; at += PAIR, ahead->from += padded / PAIR * ahead->lines * LINE)
        multiply_lines(lines, weights, WIDE / 2, padded / 2, values + at * PAIR, TILE * PAIR, PAIR * size, live, out + at, 64, *ahead);
}

#endif

// One row of scores of a block, in powers of two → weights. `mask` is added to the last `columns` of the `slots`. `top` and `sums`:
// about the largest score so far, and 16 sums of what the weights come to under it. Returns what earlier weights are to be multiplied by.
static float weigh(float *scores, const float *mask, int64_t columns, int64_t slots, int64_t padded, factor *weights, float *top,
                   float *sums) {
    float *last = scores + slots - columns;
    for (int64_t i = 0; i < columns; i += TILE)
        put_some(last + i, columns - i, plus(get_some(last + i, columns - i), get_some(mask + i, columns - i)));
    for (int64_t i = slots; i < padded; i++) scores[i] = -INFINITY;
    floats best = get(scores), some = get(sums);
    for (int64_t i = TILE; i < padded; i += TILE) best = larger(best, get(scores + i));
    float before = 1.0f;
    // A weight of 2^LEEWAY is as exact as one of 1, so not every larger score is worth going over what was summed up.
    if (above(best, all(*top + LEEWAY))) {
        const float here = largest(best);
        before = first_of(power(all(*top - here)));
        *top = here;
        some = times(some, all(before));
    }
    best = all(*top);
    for (int64_t i = 0; i < padded; i += PAIR) {
        const floats a = power(minus(get(scores + i), best)), b = power(minus(get(scores + i + TILE), best));
        some = plus(some, plus(a, b));
        put_factors(weights + i, a, b);
    }
    put(sums, some);
    return before;
}

// Which 32 slots of a block any of the lines sees. The last `columns` of its `slots` are masked, from `first` on in `masks`.
static void mark(const float **masks, int64_t lines, int64_t first, int64_t columns, int64_t slots, uint8_t *live) {
    for (int64_t slot = 0; slot < slots; slot += PAIR) {
        const int64_t begin = slot - (slots - columns), end = begin + PAIR < columns ? begin + PAIR : columns;
        uint8_t any = begin < 0;
        for (int64_t i = 0; i < lines && !any; i++)
            // Lines of a row, one for each head, have one mask.
            if (!i || masks[i] != masks[i - 1])
                for (int64_t j = begin; j < end; j++) any |= masks[i][first + j] > UNSEEN;
        live[slot / PAIR] = any;
    }
}

// What LINES lines of queries have seen so far: the sum of values, not yet divided by that of weights, 16 parts of which there are, and
// about the largest score.
struct seen {
    float values[LINES * WIDEST], sums[LINES * TILE], tops[LINES];
};

// Attention of up to LINES lines of queries with the slots of one group from `first` on, a multiple of 32. The last `columns` of all
// `slots` are masked. Goes on from what `seen` has where `first` is not 0.
static void look(const bf16 *queries, const bf16 *keys, const bf16 *values, const float **masks, int64_t lines, int64_t columns,
                 int64_t first, int64_t slots, int64_t size, struct seen *seen) {
    float scores[LINES * WIDE] __attribute__((aligned(64))), before[LINES], more[LINES * 64];
    factor weights[LINES * WIDE] __attribute__((aligned(64))), room[LINES * WIDEST];
    uint8_t live[BLOCK / PAIR];
    const factor *asked = factors(queries, room, lines * size);
    if (!first)
        for (int64_t i = 0; i < lines; i++) {
            seen->tops[i] = -INFINITY;
            memset(seen->sums + i * TILE, 0, TILE * sizeof *seen->sums);
        }
    for (int64_t begin = first; begin < slots; begin += BLOCK) {
        const int64_t here = slots - begin < BLOCK ? slots - begin : BLOCK, padded = (here + PAIR - 1) / PAIR * PAIR;
        // Of the masked slots, which are the last, those before this block, and those in it.
        const int64_t skipped = begin > slots - columns ? begin - (slots - columns) : 0;
        const int64_t masked = begin + here > slots - columns ? begin + here - (slots - columns) - skipped : 0;
        mark(masks, lines, skipped, masked, here, live);
        score(asked, lines, keys + begin * size, padded, size, live, values + begin * size, scores);
        for (int64_t i = 0; i < lines; i++)
            before[i] = weigh(scores + i * WIDE, masks[i] + skipped, masked, here, padded, weights + i * WIDE, seen->tops + i,
                              seen->sums + i * TILE);
        // Then come the keys of the block that follows, if any: they take as many lines for each two tiles of this one, a whole block.
        const int64_t left = slots - begin - here, follow = left < BLOCK ? left : BLOCK, parts = BLOCK / PAIR;
        struct ahead ahead = {(const char *)(keys + (begin + here) * size), (follow + parts - 1) / parts};
        for (int64_t at = 0; at < size; at += 64) {
            gather(weights, lines, values + begin * size + at / TILE * TILE * PAIR, padded, size, live, &ahead, more);
            for (int64_t i = 0; i < lines; i++)
                for (int64_t j = 0; j < 64; j += TILE) {
                    float *to = seen->values + i * size + at + j;
                    floats x = get(more + i * 64 + j);
                    if (begin) x = times_plus(get(to), all(before[i]), x);
                    put(to, x);
                }
        }
    }
}

// Between lines that are attended to and where they are kept meanwhile, `size` + KEPT numbers each.
enum { KEPT = TILE + 1 };

static void keep(const struct seen *seen, int64_t lines, int64_t size, float *kept) {
    for (int64_t i = 0; i < lines; i++, kept += size + KEPT) {
        memcpy(kept, seen->values + i * size, size * sizeof *kept);
        memcpy(kept + size, seen->sums + i * TILE, TILE * sizeof *kept);
        kept[size + TILE] = seen->tops[i];
    }
}

static void go_on(struct seen *seen, int64_t lines, int64_t size, const float *kept) {
    for (int64_t i = 0; i < lines; i++, kept += size + KEPT) {
        memcpy(seen->values + i * size, kept, size * sizeof *kept);
        memcpy(seen->sums + i * TILE, kept + size, TILE * sizeof *kept);
        seen->tops[i] = kept[size + TILE];
    }
}

// Attention of one layer. mixed [rows, heads + 2 * groups, size]: queries, keys, values as the product gave them; turns [rows, size]:
// what the pairs of queries and keys are turned by. Keys and values go on the tapes of the parts, [groups, capacity, size] each,
// the first two of `tapes` those of the first part. masks: of each part [rows, columns]. size: 64 or 128. out [rows, heads, size].
// spans: rows of several parts, whose tapes begin alike: what they share is on two `tapes` more for each span, and read once for all.
// space: [rows + 32, heads, size]. kept: [rows, heads, size + 17].
void aside_attend(const bf16 *mixed, const float *turns, bf16 *out, bf16 **tapes, const int64_t *parts, const float **masks,
                  int64_t count, const int64_t *spans, int64_t spanned, int64_t rows, int64_t heads, int64_t groups, int64_t size,
                  float scale, bf16 *space, float *kept, int threads) {
    const int64_t each = heads / groups, across = heads + 2 * groups, chunk = CHUNK;
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        for (int64_t p = 0; p < count; p++) {
            const int64_t *part = parts + p * FIELDS;
#pragma omp for nowait
            for (int64_t r = 0; r < part[ROWS]; r++) {
                const int64_t row = part[FIRST] + r, slot = part[BEFORE] + r;
                const bf16 *from = mixed + row * across * size;
                const float *turn = turns + row * size;
                for (int64_t h = 0; h < heads; h++)
                    turn_all(from + h * size, turn, scale * LOG2_E, space + ((h / each * rows + row) * each + h % each) * size, size);
                for (int64_t g = 0; g < groups; g++) {
                    const int64_t to = g * part[CAPACITY] * size;
                    bf16 key[WIDEST];
                    turn_all(from + (heads + g) * size, turn, 1.0f, key, size);
                    keep_key(key, tapes[2 * p] + to, slot, size);
                    keep_value(from + (heads + groups + g) * size, tapes[2 * p + 1] + to, slot, size);
                }
            }
        }
#pragma omp barrier
        configure();
        struct seen seen;
        const float *own[LINES] = {NULL};
        for (int64_t s = 0; s < spanned; s++) {
            const int64_t *span = spans + s * FIELDS, lines = span[ROWS] * each, chunks = (lines + chunk - 1) / chunk;
#pragma omp for nowait schedule(dynamic)
            for (int64_t unit = 0; unit < groups * chunks; unit++) {
                const int64_t g = unit / chunks, begin = unit % chunks * chunk, line0 = (g * rows + span[FIRST]) * each;
                const int64_t end = begin + chunk < lines ? begin + chunk : lines, to = g * span[CAPACITY] * size;
                bf16 **tape = tapes + 2 * (count + s);
                for (int64_t line = begin; line < end; line += LINES) {
                    const int64_t some = end - line < LINES ? end - line : LINES;
                    look(space + (line0 + line) * size, tape[0] + to, tape[1] + to, own, some, 0, 0, span[SHARED], size, &seen);
                    keep(&seen, some, size, kept + (line0 + line) * (size + KEPT));
                }
            }
        }
        if (spanned) {
#pragma omp barrier
        }
        for (int64_t p = 0; p < count; p++) {
            const int64_t *part = parts + p * FIELDS;
            const int64_t slots = part[BEFORE] + part[ROWS], lines = part[ROWS] * each, chunks = (lines + chunk - 1) / chunk;
#pragma omp for nowait schedule(dynamic)
            for (int64_t unit = 0; unit < groups * chunks; unit++) {
                const int64_t g = unit / chunks, begin = unit % chunks * chunk, line0 = (g * rows + part[FIRST]) * each;
                const int64_t end = begin + chunk < lines ? begin + chunk : lines, to = g * part[CAPACITY] * size;
                const bf16 *keys = tapes[2 * p] + to, *values = tapes[2 * p + 1] + to;
                for (int64_t line = begin; line < end; line += LINES) {
                    const int64_t some = end - line < LINES ? end - line : LINES;
                    const bf16 *queries = space + (line0 + line) * size;
                    for (int64_t i = 0; i < some; i++) own[i] = masks[p] + (line + i) / each * part[COLUMNS];
                    // A line adds up in the same order, whether it is alone or not.
                    if (part[TOGETHER])
                        go_on(&seen, some, size, kept + (line0 + line) * (size + KEPT));
                    else if (part[SHARED])
                        look(queries, keys, values, own, some, 0, 0, part[SHARED], size, &seen);
                    look(queries, keys, values, own, some, part[COLUMNS], part[SHARED], slots, size, &seen);
                    for (int64_t i = 0; i < some; i++) {
                        const int64_t row = part[FIRST] + (line + i) / each, head = g * each + (line + i) % each;
                        const floats by = all(1.0f / sum(get(seen.sums + i * TILE)));
                        for (int64_t j = 0; j < size; j += TILE)
                            store(out + (row * heads + head) * size + j, times(get(seen.values + i * size + j), by));
                    }
                }
            }
        }
        unconfigure();
    }
}

// Of each row of logits [rows, size]: the `most` largest, the largest first, where they stand, and the logarithm of the sum of the
// exponentials of all. size: at least `most`.
void aside_best(const bf16 *logits, float *tops, int64_t *where, float *totals, int64_t rows, int64_t size, int64_t most,
                int threads) {
#pragma omp parallel for num_threads(threads) if (threads > 1)
    for (int64_t row = 0; row < rows; row++) {
        const bf16 *from = logits + row * size;
        float *top = tops + row * most;
        int64_t *where_top = where + row * most;
        for (int64_t i = 0; i < most; i++) top[i] = -INFINITY, where_top[i] = i;
        for (int64_t i = 0; i < size; i += TILE) {
            const floats x = load_some(from + i, size - i);
            uint32_t better = above(x, all(top[0]));
            float here[TILE];
            if (better) put(here, x);
            for (; better; better &= better - 1) {
                const int lane = __builtin_ctz(better);
                if (here[lane] > top[0]) sink(top, where_top, most, here[lane], i + lane);
            }
        }
        in_order(top, where_top, most);
        const floats first_of_all = all(top[0]), scale = all(LOG2_E);
        floats more = all(0.0f);
        for (int64_t i = 0; i < size; i += TILE)
            more = plus(more, power(times(minus(load_some(from + i, size - i), first_of_all), scale)));
        totals[row] = top[0] + logf(sum(more));
    }
}

// Ask the kernel for tiles, once a process. 0 where it gives them, or none are needed.
int aside_tiles(void) {
#ifdef __AMX_BF16__
    return (int)syscall(SYS_arch_prctl, 0x1023, 18);
#else
    return 0;
#endif
}
