/* SPDX-License-Identifier: Apache-2.0 */
/* Did you mean; see nearest.h. */
#include "config.h"

#include "base/nearest.h"

#define WORD_MAX   64
#define PREFIX_MIN 2

/* Ranks: what is smaller is nearer. Edits begin behind the two that are better than any edit. */
enum { RANK_SAME = 0, RANK_PREFIX = 1, RANK_EDITS = 1, RANK_NONE = 100 };

struct folded {
    char p[WORD_MAX];
    size_t n;
};

lh_str lh_nearest_slice(const void *context, size_t i)
{
    return ((const lh_str *)context)[i];
}

static bool fold(lh_str word, struct folded *ret_folded)
{
    if (word.n > WORD_MAX)
        return false;
    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];

        ret_folded->p[i] = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    ret_folded->n = word.n;
    return true;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* One row of the table of distances, from the two rows above it. */
static void next_row(const struct folded *a, const struct folded *b, size_t i, const int *above2,
                     const int *above, int *row)
{
    row[0] = (int)i;
    for (size_t j = 1; j <= b->n; j++) {
        bool same = a->p[i - 1] == b->p[j - 1];

        row[j] = least(above[j - 1] + !same, least(above[j], row[j - 1]) + 1);
        if (i > 1 && j > 1 && a->p[i - 1] == b->p[j - 2] && a->p[i - 2] == b->p[j - 1])
            row[j] = least(row[j], above2[j - 2] + 1);
    }
}

/* Optimal string alignment: Damerau-Levenshtein where no part is edited twice. */
static int distance(const struct folded *a, const struct folded *b)
{
    int rows[3][WORD_MAX + 1];

    for (size_t j = 0; j <= b->n; j++)
        rows[0][j] = (int)j;
    for (size_t i = 1; i <= a->n; i++)
        next_row(a, b, i, rows[(i + 1) % 3], rows[(i - 1) % 3], rows[i % 3]);
    return rows[a->n % 3][b->n];
}

static int limit_for(size_t n)
{
    int limit = (int)n / 3;

    limit = limit < 1 ? 1 : limit > 3 ? 3 : limit;
    return least(limit, (int)n - 1);
}

static int rank(const struct folded *word, lh_str known)
{
    struct folded other;
    int edits;

    if (!fold(known, &other))
        return RANK_NONE;
    if (other.n >= word->n && memcmp(other.p, word->p, word->n) == 0) {
        if (other.n == word->n)
            return RANK_SAME;
        if (word->n >= PREFIX_MIN)
            return RANK_PREFIX;
    }
    edits = distance(word, &other);
    return edits <= limit_for(word->n) ? RANK_EDITS + edits : RANK_NONE;
}

ptrdiff_t lh_nearest(lh_str word, lh_nearest_word *known, const void *context, size_t n)
{
    struct folded folded;
    ptrdiff_t nearest = -1;
    int best = RANK_NONE;

    if (word.n == 0 || !fold(word, &folded))
        return -1;
    for (size_t i = 0; i < n; i++) {
        int r = rank(&folded, known(context, i));

        if (r < best) {
            best = r;
            nearest = (ptrdiff_t)i;
        }
    }
    return nearest;
}

void lh_nearest_hint(lh_str word, lh_nearest_word *known, const void *context, size_t n,
                     struct lh_buf *out)
{
    ptrdiff_t i = lh_nearest(word, known, context, n);

    if (i < 0)
        return;
    lh_buf_z(out, "; did you mean \"");
    lh_buf_str(out, known(context, (size_t)i));
    lh_buf_z(out, "\"?");
}
