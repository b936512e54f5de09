/* The cosine of each token to the nearest token of the text that its own is paired with.

   hatch_build.py compiles this file where a C compiler is at hand, compiled.py calls it, and nearest.py does the same in numpy.
   Vectors of several numbers are an extension of C that GCC and Clang share. All arithmetic is of double precision. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LANES = 4,   /* numbers that are multiplied at once */
    STEP = 16,   /* rows are filled with zeros to a multiple of it: four sums of LANES, of which none waits for another */
    ROWS = 3,    /* products of ROWS x COLUMNS tokens are summed at once: with their factors they fill 16 registers */
    COLUMNS = 4,
    AHEAD = 32,  /* bytes of the next pair's vectors that are fetched at each step, while this one's products are summed */
};

#ifdef __x86_64__
#define WIDE __attribute__((target("avx2,fma"))) /* registers of processors made since 2013, which `supported` asks for */
#else
#define WIDE
#endif

typedef double lanes __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));

WIDE static inline double sum(const lanes *given) { return ((*given)[0] + (*given)[1]) + ((*given)[2] + (*given)[3]); }

/* Writes a text's vectors as rows of `stride` numbers, and by what they are multiplied to be unit vectors; 0 for a zero vector. */
WIDE static inline void widen(const float *vectors, ptrdiff_t tokens, ptrdiff_t dim, ptrdiff_t stride, double *rows, double *inverses)
{
    for (ptrdiff_t token = 0; token < tokens; token++, vectors += dim, rows += stride) {
        for (ptrdiff_t k = 0; k < dim; k++)
            rows[k] = vectors[k];
        for (ptrdiff_t k = dim; k < stride; k++)
            rows[k] = 0.0;
        lanes squares[STEP / LANES] = {{0.0}};
        for (ptrdiff_t k = 0; k < stride; k += STEP)
            for (int part = 0; part < STEP / LANES; part++) {
                lanes numbers = *(const lanes *)(rows + k + part * LANES);
                squares[part] += numbers * numbers;
            }
        lanes total = (squares[0] + squares[1]) + (squares[2] + squares[3]);
        double length = sqrt(sum(&total));
        inverses[token] = length > 0.0 ? 1.0 / length : 0.0;
    }
}

/* Asks for a piece of memory that will be read next, up to an end. */
static inline void fetch(uintptr_t *next, uintptr_t end)
{
    if (*next < end)
        __builtin_prefetch((const void *)*next);
    *next += AHEAD;
}

static inline ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

/* Whether this processor can run `nearest`. */
int supported(void)
{
#ifdef __x86_64__
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return 1;
#endif
}

static inline ptrdiff_t filled(ptrdiff_t dim) { return (dim + STEP - 1) / STEP * STEP; }

/* How many numbers of `room` the function below needs for pairs that have so many tokens together. */
ptrdiff_t room_for(ptrdiff_t tokens, ptrdiff_t dim) { return tokens * (filled(dim) + 1); }

/* Pair i has the left tokens left_starts[i] up to left_starts[i + 1] and the right ones alike, each a row of `dim` numbers.
   Writes for each token the largest cosine to one of the other text, in [-1, 1]; 0 where that text has no tokens.
   `room` is that of `room_for` the longest pair. */
WIDE void nearest(const float *left, const ptrdiff_t *left_starts, const float *right, const ptrdiff_t *right_starts,
                  ptrdiff_t pairs, ptrdiff_t dim, double *room, double *left_nearest, double *right_nearest)
{
    ptrdiff_t stride = filled(dim);
    for (ptrdiff_t pair = 0; pair < pairs; pair++) {
        ptrdiff_t m = left_starts[pair + 1] - left_starts[pair], n = right_starts[pair + 1] - right_starts[pair];
        double *of_x = left_nearest + left_starts[pair], *of_y = right_nearest + right_starts[pair];
        for (ptrdiff_t i = 0; i < m; i++)
            of_x[i] = n ? -1.0 : 0.0;
        for (ptrdiff_t j = 0; j < n; j++)
            of_y[j] = m ? -1.0 : 0.0;
        double *x = room, *y = x + m * stride, *inverse_x = y + n * stride, *inverse_y = inverse_x + m;
        widen(left + left_starts[pair] * dim, m, dim, stride, x, inverse_x);
        widen(right + right_starts[pair] * dim, n, dim, stride, y, inverse_y);
        ptrdiff_t next = pair + 1, after = least(pair + 2, pairs);
        uintptr_t next_left = (uintptr_t)(left + left_starts[next] * dim), end_left = (uintptr_t)(left + left_starts[after] * dim);
        uintptr_t next_right = (uintptr_t)(right + right_starts[next] * dim), end_right = (uintptr_t)(right + right_starts[after] * dim);
        for (ptrdiff_t i = 0; i < m; i += ROWS)
            for (ptrdiff_t j = 0; j < n; j += COLUMNS) {
                const double *rows[ROWS], *columns[COLUMNS]; /* the last token stands for those beyond the end, which are left out below */
                for (int u = 0; u < ROWS; u++)
                    rows[u] = x + least(i + u, m - 1) * stride;
                for (int v = 0; v < COLUMNS; v++)
                    columns[v] = y + least(j + v, n - 1) * stride;
                lanes products[ROWS][COLUMNS] = {{{0.0}}};
                for (ptrdiff_t k = 0; k < stride; k += LANES) {
                    fetch(&next_left, end_left);
                    fetch(&next_right, end_right);
                    lanes factors[ROWS];
                    for (int u = 0; u < ROWS; u++)
                        factors[u] = *(const lanes *)(rows[u] + k);
                    for (int v = 0; v < COLUMNS; v++) {
                        lanes factor = *(const lanes *)(columns[v] + k);
                        for (int u = 0; u < ROWS; u++)
                            products[u][v] += factors[u] * factor;
                    }
                }
                for (int u = 0; u < ROWS && i + u < m; u++)
                    for (int v = 0; v < COLUMNS && j + v < n; v++) {
                        double cosine = sum(&products[u][v]) * (inverse_x[i + u] * inverse_y[j + v]);
                        cosine = cosine > 1.0 ? 1.0 : cosine;
                        int undefined = cosine != cosine; /* of vectors that are not finite: it stays, since nothing is more than it */
                        if (cosine > of_x[i + u] || undefined)
                            of_x[i + u] = cosine;
                        if (cosine > of_y[j + v] || undefined)
                            of_y[j + v] = cosine;
                    }
            }
    }
}
