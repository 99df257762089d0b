// Products of rows with matrices that stay as they are, for processors with AVX-512, with or without its bf16 instructions and AMX, and
// for those with AVX2: inference/fused.py compiles and calls it. bf16 numbers are uint16_t, sums are float32. Every function splits its
// work over `threads` of torch's own pool.
//
// A matrix [out, in] is kept in panels of 32 outputs, one after the other: for each 32 inputs two tiles, of 16 outputs each, with pairs of
// inputs below each other. With AVX-512 both tiles are multiplied at once and stand side by side; with AVX2 all tiles of 16 outputs, then
// those of the others. So a panel is read front to back once, from memory, with AVX-512 while the one before it is multiplied.

#include <omp.h>

#include "fused.h"

enum { PANEL = 32 };

// From a tile of a panel to the one of the other outputs, and to that of the inputs that follow.
#ifdef __AVX512F__
#define BESIDE (TILE * PAIR)
#define NEXT (PANEL * PAIR)
#else
#define BESIDE (TILE * in)
#define NEXT (TILE * PAIR)
#endif

// weight [out, in] → packed. out, in: multiples of 32.
void aside_pack(const bf16 *weight, bf16 *packed, int64_t out, int64_t in, int threads) {
#pragma omp parallel for num_threads(threads) if (threads > 1)
    for (int64_t first = 0; first < out; first += TILE)
        for (int64_t k = 0; k < in; k += PAIR) {
            bf16 *to = packed + first / PANEL * PANEL * in + k / PAIR * NEXT + first % PANEL / TILE * BESIDE;
            for (int64_t pair = 0; pair < TILE; pair++)
                for (int64_t n = 0; n < TILE; n++, to += 2) memcpy(to, weight + (first + n) * in + k + 2 * pair, 2 * sizeof *to);
        }
}

// Sums [32, 32] of `rows` rows, the first of which is `row`, with one panel.
struct block {
    const float *sums;
    int64_t row, rows, panel;
};

// What becomes of row `i` of a block. `given`: what else it needs to know.
typedef void finisher(const struct block *block, int64_t i, const void *given);

#ifdef __AMX_BF16__

// Rows [rows, in] as tiles of 16 rows x 32 numbers, those of the same rows one after the other; what is missing of the last is zero.
// Returns where they are.
static const factor *lay_out(const bf16 *from, factor *tiles, int64_t rows, int64_t in) {
#pragma omp for
    for (int64_t row = 0; row < (rows + TILE - 1) / TILE * TILE; row++) {
        factor *to = tiles + row / TILE * TILE * in + row % TILE * PAIR;
        for (int64_t k = 0; k < in; k += PAIR, to += TILE * PAIR)
            _mm512_storeu_si512(to, row < rows ? _mm512_loadu_si512(from + row * in + k) : _mm512_setzero_si512());
    }
    return tiles;
}

// `rows` rows, 32 at most, times a panel: sums [32, 32]. `ahead`: what is to be read next, `lines` of it for each 32
// inputs, up to `until`. Meanwhile two rows of the block before are finished for each 32 inputs, which cost nothing then.
INLINE void multiply_panel(const factor *tiles, int64_t rows, int64_t in, const bf16 *panel, const char **ahead, const char *until, int64_t lines,
                           float *sums, const struct block *before, finisher *finish, const void *given) {
    const int two = rows > TILE;
    const factor *below = tiles + TILE * in;
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    const char *next = *ahead;
    int64_t done = 0;
    for (int64_t k = 0; k < in; k += PAIR, tiles += TILE * PAIR, below += TILE * PAIR, panel += PANEL * PAIR) {
        _tile_loadd(6, panel, LINE);
        _tile_loadd(4, tiles, LINE);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(7, panel + TILE * PAIR, LINE);
        _tile_dpbf16ps(1, 4, 7);
        if (two) {
            _tile_loadd(5, below, LINE);
            _tile_dpbf16ps(2, 5, 6);
            _tile_dpbf16ps(3, 5, 7);
        }
        for (int64_t i = 0; i < lines && next < until; i++, next += LINE) _mm_prefetch(next, _MM_HINT_T1);
        for (int64_t i = 0; i < 2 && done < before->rows; i++) finish(before, done++, given);
    }
    *ahead = next;
    while (done < before->rows) finish(before, done++, given);
    _tile_stored(0, sums, 4 * PANEL);
    _tile_stored(1, sums + TILE, 4 * PANEL);
    if (two) {
        _tile_stored(2, sums + TILE * PANEL, 4 * PANEL);
        _tile_stored(3, sums + TILE * PANEL + TILE, 4 * PANEL);
    }
}

#else

// Rows [rows, in], one after the other: where bf16 is multiplied, they are where they stand.
static const factor *lay_out(const bf16 *from, factor *room, int64_t rows, int64_t in) {
#ifdef __AVX512BF16__
    return from;
#else
#pragma omp for
    for (int64_t row = 0; row < rows; row++) factors(from + row * in, room + row * in, in);
    return room;
#endif
}

// As above. The rows of the block before are finished first.
INLINE void multiply_panel(const factor *rows_of, int64_t rows, int64_t in, const bf16 *panel, const char **ahead, const char *until,
                           int64_t lines, float *sums, const struct block *before, finisher *finish, const void *given) {
    for (int64_t i = 0; i < before->rows; i++) finish(before, i, given);
    const int64_t each = in / PAIR * LINE, left = (until - *ahead) / each;
    if (left < lines) lines = left;
    multiply_lines(rows, rows_of, in / 2, in / 2, panel, BESIDE, NEXT, NULL, sums, PANEL, (struct ahead){*ahead, lines});
    *ahead += lines * each;
}

#endif

// The panels of one thread: from `first` to before `last`.
static void share(int64_t panels, int64_t *first, int64_t *last) {
    const int64_t me = omp_get_thread_num(), all = omp_get_num_threads();
    *first = panels * me / all, *last = panels * (me + 1) / all;
}

// Bytes of a number of a row that is laid out.
int aside_factor(void) { return sizeof(factor); }

struct product {
    bf16 *y;
    const float *bias;
    int64_t out;
    int gated;
};

INLINE void add_up(const struct block *block, int64_t i, const void *given) {
    const struct product *to = given;
    floats a = get(block->sums + i * PANEL), b = get(block->sums + i * PANEL + TILE);
    if (to->bias) {
        a = plus(a, get(to->bias + block->panel * PANEL));
        b = plus(b, get(to->bias + block->panel * PANEL + TILE));
    }
    if (to->gated)
        store(to->y + (block->row + i) * to->out / 2 + block->panel * TILE, let(a, b));
    else
        store_two(to->y + (block->row + i) * to->out + block->panel * PANEL, a, b);
}

// Every block of rows times every panel of this thread; `finish` is called with each row of each.
INLINE void multiply_all(const factor *tiles, const bf16 *packed, int64_t rows, int64_t in, int64_t out, finisher *finish, const void *given) {
    const int64_t blocks = (rows + 2 * TILE - 1) / (2 * TILE), lines = (LINE / 2 + blocks - 1) / blocks;
    float sums[2][PANEL * PANEL] __attribute__((aligned(64)));
    struct block before = {.rows = 0};
    int64_t first, last, turn = 0;
    share(out / PANEL, &first, &last);
    configure();
    for (int64_t p = first; p < last; p++) {
        const bf16 *panel = packed + p * PANEL * in;
        const char *ahead = (const char *)(panel + PANEL * in), *until = p + 1 < last ? (const char *)(panel + 2 * PANEL * in) : ahead;
        for (int64_t row = 0; row < rows; row += 2 * TILE, turn ^= 1) {
            multiply_panel(tiles + row * in, rows - row < PANEL ? rows - row : PANEL, in, panel, &ahead, until, lines, sums[turn], &before, finish, given);
            before = (struct block){sums[turn], row, rows - row < 2 * TILE ? rows - row : 2 * TILE, p};
        }
    }
    unconfigure();
    for (int64_t i = 0; i < before.rows; i++) finish(&before, i, given);
}

// x [rows, in] times `packed`, plus bias [out] where there is any → y [rows, out]. space: [rows up to a multiple of 16, in].
// gated: a panel has 16 gates and the 16 numbers that they let through; y [rows, out / 2]: silu(gate) * number.
void aside_multiply(const bf16 *x, const bf16 *packed, const float *bias, bf16 *y, int64_t rows, int64_t in, int64_t out, int gated,
                    factor *space, int threads) {
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        const factor *laid = lay_out(x, space, rows, in);
        if (gated)
            multiply_all(laid, packed, rows, in, out, add_up, &(const struct product){y, bias, out, 1});
        else
            multiply_all(laid, packed, rows, in, out, add_up, &(const struct product){y, bias, out, 0});
    }
}

struct likely {
    float *top, *sums;
    int64_t *where;
    const float *bias;
    int64_t most;
};

enum { KEPT = TILE + 1 };

INLINE void weigh(const struct block *block, int64_t i, const void *given) {
    const struct likely *to = given;
    const floats scale = all(LOG2_E);
    floats a = get(block->sums + i * PANEL), b = get(block->sums + i * PANEL + TILE);
    if (to->bias) {
        a = plus(a, get(to->bias + block->panel * PANEL));
        b = plus(b, get(to->bias + block->panel * PANEL + TILE));
    }
    float *line = to->sums + (block->row + i) * KEPT;
    const floats bound = all(line[TILE]);
    if (above(a, bound) | above(b, bound)) {
        const float best = largest(larger(a, b));
        put(line, times(get(line), power(all((line[TILE] - best) * LOG2_E))));
        line[TILE] = best;
    }
    const floats yet = all(line[TILE]);
    put(line, plus(get(line), plus(power(times(minus(a, yet), scale)), power(times(minus(b, yet), scale)))));
    if (!to->most) return;
    float *heap = to->top + (block->row + i) * to->most;
    const floats least = all(heap[0]);
    uint32_t better = above(a, least) | above(b, least) << TILE;
    if (!better) return;
    float one[PANEL];
    put(one, a);
    put(one + TILE, b);
    for (; better; better &= better - 1) {
        const int lane = __builtin_ctz(better);
        if (one[lane] > heap[0]) sink(heap, to->where + (block->row + i) * to->most, to->most, one[lane], block->panel * PANEL + lane);
    }
}

// After each of x [rows, in], of its products with all of `packed`, plus bias where there is any: the `most` largest, the largest first,
// where they stand, and the logarithm of the sum of the exponentials of all. tops, where: [threads, rows, most]; sums: [threads, rows, 17]:
// they are worked on there, and the first of each is the answer. space: as above.
void aside_likeliest(const bf16 *x, const bf16 *packed, const float *bias, float *tops, int64_t *where, float *totals, float *sums,
                     int64_t rows, int64_t in, int64_t out, int64_t most, factor *space, int threads) {
    int64_t all_threads = 1;
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        const factor *laid = lay_out(x, space, rows, in);
#pragma omp single
        all_threads = omp_get_num_threads();
        const int64_t me = omp_get_thread_num();
        const struct likely mine = {tops + me * rows * most, sums + me * rows * KEPT, where + me * rows * most, bias, most};
        for (int64_t i = 0; i < rows * most; i++) mine.top[i] = -INFINITY, mine.where[i] = 0;
        for (int64_t i = 0; i < rows * KEPT; i++) mine.sums[i] = i % KEPT == TILE ? -INFINITY : 0.0f;
        multiply_all(laid, packed, rows, in, out, weigh, &mine);
    }
    for (int64_t row = 0; row < rows; row++) {
        float *heap = tops + row * most, best = -INFINITY, total = 0;
        int64_t *stand = where + row * most;
        for (int64_t t = 0; t < all_threads; t++) best = fmaxf(best, sums[(t * rows + row) * KEPT + TILE]);
        for (int64_t t = 0; t < all_threads; t++) {
            const float *line = sums + (t * rows + row) * KEPT;
            total += sum(get(line)) * expf(line[TILE] - best);
            for (int64_t i = 0; t && i < most; i++) {
                const int64_t other = (t * rows + row) * most + i;
                if (tops[other] > heap[0]) sink(heap, stand, most, tops[other], where[other]);
            }
        }
        if (most) in_order(heap, stand, most);
        totals[row] = best + logf(total);
    }
}

// Of a layer: its matrices, each with its bias, or NULL.
enum { MIXED, OUT, GATES, DOWN, MATRICES };

// All layers of a pass over `rows`: what they say is added to hidden [rows, width] where it stands. weights: of each layer what gives
// queries, keys and values, what takes what attention saw, gates mixed with what they let through, `inner` numbers, and what takes those.
// tapes: those of each layer, one after the other, `taped` buffers each. The rest as above. room: [rows, what stands between the products].
void aside_layers(float *hidden, void **weights, int64_t layers, int64_t width, int64_t inner, float epsilon, bf16 *room, factor *space,
                  bf16 **tapes, int64_t taped, const float *turns, const int64_t *parts, const float **masks, int64_t count,
                  const int64_t *spans, int64_t spanned, int64_t rows, int64_t heads, int64_t groups, int64_t size, float scale,
                  bf16 *asked, float *kept, int threads) {
    const int64_t across = (heads + 2 * groups) * size;
    bf16 *normed = room, *mixed = normed + rows * width, *seen = mixed + rows * across, *gated = seen + rows * heads * size,
         *more = gated + rows * inner;
    for (int64_t layer = 0; layer < layers; layer++, weights += 2 * MATRICES, tapes += taped) {
#define MULTIPLY(x, matrix, y, in, out, gates) \
    aside_multiply(x, weights[2 * matrix], weights[2 * matrix + 1], y, rows, in, out, gates, space, threads)
        aside_add_norm(hidden, layer ? more : NULL, normed, rows, width, epsilon, threads);
        MULTIPLY(normed, MIXED, mixed, width, across, 0);
        aside_attend(mixed, turns, seen, tapes, parts, masks, count, spans, spanned, rows, heads, groups, size, scale, asked, kept, threads);
        MULTIPLY(seen, OUT, more, heads * size, width, 0);
        aside_add_norm(hidden, more, normed, rows, width, epsilon, threads);
        MULTIPLY(normed, GATES, gated, width, 2 * inner, 1);
        MULTIPLY(gated, DOWN, more, inner, width, 0);
#undef MULTIPLY
    }
    aside_add_norm(hidden, more, normed, rows, width, epsilon, threads);
}
