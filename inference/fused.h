// What inference/fused.c and inference/products.c have in common. bf16 numbers are uint16_t.

#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef uint16_t bf16;

#define LOG2_E 1.44269504f
enum { TILE = 16, PAIR = 32 };
// Rows of a tile; bf16 numbers in a row of one.

static inline __m512 widen(__m256i x) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16)); }

static inline __m512 load(const bf16 *from) { return widen(_mm256_loadu_si256((const __m256i *)from)); }

static inline void store(bf16 *to, __m512 x) { _mm256_storeu_si256((__m256i *)to, (__m256i)_mm512_cvtneps_pbh(x)); }

// 2^x for x < 128, within 4e-5 of its value: a bf16 number is 100 times as coarse. Never below 2^-125: numbers so small that they
// have no full precision take the processor a hundred times as long, and what is masked out would be such.
static inline __m512 power(__m512 x) {
    x = _mm512_max_ps(x, _mm512_set1_ps(-125.0f));
    const __m512 n = _mm512_roundscale_ps(x, 8), r = _mm512_sub_ps(x, n);
    __m512 p = _mm512_set1_ps(9.6181291e-3f);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(5.5504109e-2f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(2.4022651e-1f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(6.9314718e-1f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f));
    return _mm512_scalef_ps(p, n);
}

// silu(gate) * value. 1 / x is within 2^-14 of its value, a sixteenth of a step of bf16; dividing takes the processor several times as long.
static inline __m512 let(__m512 gate, __m512 value) {
    const __m512 closed = _mm512_min_ps(_mm512_mul_ps(gate, _mm512_set1_ps(-LOG2_E)), _mm512_set1_ps(126.0f));
    return _mm512_mul_ps(_mm512_mul_ps(gate, _mm512_rcp14_ps(_mm512_add_ps(_mm512_set1_ps(1.0f), power(closed)))), value);
}

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
