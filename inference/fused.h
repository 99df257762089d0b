// What inference/fused.c and inference/products.c have in common.

#include "vectors.h"

// 2^x for x < 127, within 4e-5 of its value: a bf16 number is 100 times as coarse. Never below 2^-60: numbers so small that they
// have no full precision take the processor a hundred times as long, and what is masked out, or a value times it, would be such.
INLINE floats power(floats x) {
    x = larger(x, all(-60.0f));
    const floats n = nearest(x), r = minus(x, n);
    floats p = all(9.6181291e-3f);
    p = times_plus(p, r, all(5.5504109e-2f));
    p = times_plus(p, r, all(2.4022651e-1f));
    p = times_plus(p, r, all(6.9314718e-1f));
    p = times_plus(p, r, all(1.0f));
    return by_power(p, n);
}

// silu(gate) * value. The inverse is within a sixteenth of a step of bf16; dividing takes the processor several times as long.
INLINE floats let(floats gate, floats value) {
    const floats closed = smaller(times(gate, all(-LOG2_E)), all(126.0f));
    return times(times(gate, inverse(plus(all(1.0f), power(closed)))), value);
}

// What is read soon, and so is fetched from memory already: from where on, and how many lines of it for each two tiles that are multiplied.
enum { LINE = 64 };
struct ahead {
    const char *from;
    int64_t lines;
};

#ifdef __AMX_BF16__

struct config {
    uint8_t palette, start, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
} __attribute__((packed));

static void configure(void) {
    struct config all = {.palette = 1};
    for (int i = 0; i < 8; i++) all.bytes[i] = 64, all.rows[i] = TILE;
    // The compiler does not know that this is read.
    __asm__ volatile("" : : "r"(&all) : "memory");
    _tile_loadconfig(&all);
}

static void unconfigure(void) { _tile_release(); }

#else

static void configure(void) {}

static void unconfigure(void) {}

// The product of `lines` rows of pairs, `from` [lines, pairs], with packed pairs: 16 pairs beside each other make a row, a tile is 16
// such rows, and two tiles `beside` apart are worked on; the next tiles are `next` further on. to [lines, 32], a row every `wide`
// numbers. `live`: for each 16 pairs whether they count, NULL: all do. `lines` is a constant wherever this is called, so the sums stay
// in registers. `ahead`: what is fetched meanwhile, for each two tiles; with AVX2 it is not looked at.

#ifndef __AVX512BF16__
enum { AHEAD = 4096 };
// Bytes from what is read to what is fetched meanwhile: the processor does not see by itself that tiles go on.
#endif

#ifdef __AVX512F__

enum { MOST = 12 };
// Lines whose sums fit the registers.

#ifdef __AVX512BF16__

enum { FEW = 0 };

// To `left` and `right` of each line, its pair `from` times one row of each tile.
INLINE void multiply_row(int lines, const factor *from, int64_t apart, const bf16 *tile, const bf16 *beside, __m512 *left, __m512 *right) {
    const __m512bh a = (__m512bh)_mm512_loadu_si512(tile), b = (__m512bh)_mm512_loadu_si512(beside);
#pragma GCC unroll 16
    for (int i = 0; i < lines; i++) {
        int32_t both;
        __builtin_memcpy(&both, from + 2 * i * apart, sizeof both);
        const __m512bh one = (__m512bh)_mm512_set1_epi32(both);
        left[i] = _mm512_dpbf16_ps(left[i], a, one);
        right[i] = _mm512_dpbf16_ps(right[i], b, one);
    }
}

#else

enum { FEW = 4 };
// Lines of which products wait for memory: what is near is fetched instead of `ahead`.

// Of each pair of bf16 numbers the first, or the second, as float32: a bf16 number is the upper half of one.
INLINE __m512 half_of(const bf16 *pairs, int second) {
    const __m512i both = _mm512_loadu_si512(pairs);
    return _mm512_castsi512_ps(second ? _mm512_and_si512(both, _mm512_set1_epi32(0xFFFF0000)) : _mm512_slli_epi32(both, 16));
}

// As above.
INLINE void multiply_row(int lines, const factor *from, int64_t apart, const bf16 *tile, const bf16 *beside, __m512 *left, __m512 *right) {
    if (lines <= FEW) {
        _mm_prefetch((const char *)tile + AHEAD, _MM_HINT_T0);
        _mm_prefetch((const char *)beside + AHEAD, _MM_HINT_T0);
    }
#pragma GCC unroll 2
    for (int second = 0; second < 2; second++) {
        const __m512 a = half_of(tile, second), b = half_of(beside, second);
#pragma GCC unroll 16
        for (int i = 0; i < lines; i++) {
            const __m512 one = _mm512_set1_ps(from[2 * i * apart + second]);
            left[i] = _mm512_fmadd_ps(a, one, left[i]);
            right[i] = _mm512_fmadd_ps(b, one, right[i]);
        }
    }
}

#endif

INLINE void multiply(int lines, const factor *from, int64_t apart, int64_t pairs, const bf16 *packed, int64_t beside, int64_t next,
                     const uint8_t *live, float *to, int64_t wide, struct ahead ahead) {
    __m512 left[MOST], right[MOST];
#pragma GCC unroll 16
    for (int i = 0; i < lines; i++) left[i] = right[i] = _mm512_setzero_ps();
    for (int64_t pair = 0; pair < pairs; pair += TILE, packed += next) {
        if (live && !live[pair / TILE]) continue;
        for (int64_t i = 0; lines > FEW && i < ahead.lines; i++, ahead.from += LINE) _mm_prefetch(ahead.from, _MM_HINT_T0);
        for (int64_t row = 0; row < TILE; row++)
            multiply_row(lines, from + 2 * (pair + row), apart, packed + row * PAIR, packed + beside + row * PAIR, left, right);
    }
#pragma GCC unroll 16
    for (int i = 0; i < lines; i++) {
        _mm512_storeu_ps(to + i * wide, left[i]);
        _mm512_storeu_ps(to + i * wide + TILE, right[i]);
    }
}

#else

enum { MOST = 5 };

// Of each pair of bf16 numbers the first, or the second, as float32: a bf16 number is the upper half of one.
INLINE __m256 half_of(const bf16 *pairs, int second) {
    const __m256i both = _mm256_loadu_si256((const __m256i *)pairs);
    return _mm256_castsi256_ps(second ? _mm256_and_si256(both, _mm256_set1_epi32(0xFFFF0000)) : _mm256_slli_epi32(both, 16));
}

// One tile of the two: the sums of more would not fit.
INLINE void multiply_tile(int lines, const factor *from, int64_t apart, int64_t pairs, const bf16 *packed, int64_t next,
                          const uint8_t *live, float *to, int64_t wide) {
    __m256 left[MOST], right[MOST];
#pragma GCC unroll 16
    for (int i = 0; i < lines; i++) left[i] = right[i] = _mm256_setzero_ps();
    for (int64_t pair = 0; pair < pairs; pair += TILE, packed += next) {
        if (live && !live[pair / TILE]) continue;
        for (int64_t row = 0; row < TILE; row++) {
            const bf16 *here = packed + row * PAIR;
            const float *one = from + 2 * (pair + row);
            _mm_prefetch((const char *)here + AHEAD, _MM_HINT_T0);
#pragma GCC unroll 2
            for (int second = 0; second < 2; second++) {
                const __m256 x = half_of(here, second), y = half_of(here + TILE, second);
#pragma GCC unroll 16
                for (int i = 0; i < lines; i++) {
                    const __m256 by = _mm256_broadcast_ss(one + 2 * i * apart + second);
                    left[i] = _mm256_fmadd_ps(x, by, left[i]);
                    right[i] = _mm256_fmadd_ps(y, by, right[i]);
                }
            }
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < lines; i++) put(to + i * wide, (floats){left[i], right[i]});
}

INLINE void multiply(int lines, const factor *from, int64_t apart, int64_t pairs, const bf16 *packed, int64_t beside, int64_t next,
                     const uint8_t *live, float *to, int64_t wide, struct ahead ahead) {
    multiply_tile(lines, from, apart, pairs, packed, next, live, to, wide);
    multiply_tile(lines, from, apart, pairs, packed + beside, next, live, to + TILE, wide);
}

#endif

// The same for a number of lines that is known only here: as many at once as there are registers for, about as many each time.
static void multiply_lines(int64_t lines, const factor *from, int64_t apart, int64_t pairs, const bf16 *packed, int64_t beside,
                           int64_t next, const uint8_t *live, float *to, int64_t wide, struct ahead ahead) {
#define CASE(n) \
    case n: multiply(n, from, apart, pairs, packed, beside, next, live, to, wide, (struct ahead){ahead.from, fetched}); break;
    for (int64_t times = (lines + MOST - 1) / MOST; times; times--) {
        const int64_t some = lines / times, fetched = ahead.lines / times;
        switch (some) {
            CASE(1) CASE(2) CASE(3) CASE(4) CASE(5)
#ifdef __AVX512F__
            CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#endif
        }
        lines -= some, from += 2 * some * apart, to += some * wide;
        ahead.lines -= fetched, ahead.from += fetched * LINE * (pairs / TILE);
    }
#undef CASE
}

#endif

// Put `number` where it belongs in a heap of `size` with the smallest on top, whose top is free.
static inline void sink(float *heap, int64_t *at, int64_t size, float number, int64_t place) {
    int64_t i = 0;
    for (int64_t child; (child = 2 * i + 1) < size; i = child) {
        if (child + 1 < size && heap[child + 1] < heap[child]) child++;
        if (heap[child] >= number) break;
        heap[i] = heap[child], at[i] = at[child];
    }
    heap[i] = number, at[i] = place;
}

// A heap of `size`, the largest first.
static inline void in_order(float *heap, int64_t *at, int64_t size) {
    for (int64_t left = size - 1; left > 0; left--) {
        const float last = heap[left], least = heap[0];
        const int64_t last_at = at[left], least_at = at[0];
        sink(heap, at, left, last, last_at);
        heap[left] = least, at[left] = least_at;
    }
}

void aside_add_norm(float *hidden, const bf16 *more, bf16 *out, int64_t rows, int64_t width, float epsilon, int threads);
void aside_attend(const bf16 *mixed, const float *turns, bf16 *out, bf16 **tapes, const int64_t *parts, const float **masks,
                  int64_t count, const int64_t *spans, int64_t spanned, int64_t rows, int64_t heads, int64_t groups, int64_t size,
                  float scale, bf16 *space, float *kept, int threads);
