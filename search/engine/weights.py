"""How much counts what. One setting for all collections.

Measured on CISI, Cranfield and CACM (`manage.py evaluate_relevance`). nDCG@10 of each step, in this order:

    stems of title and text, BM25, each word of the query once     0.313  0.366  0.432
    words that the query repeats count as often                    0.376  0.368  0.484
    words that stand in the title count more                       0.390  0.379  0.497
    rare words count more (idf twice, the second softened)         0.395  0.374  0.499
    words as typed count beside their stems, neighbours together   0.394  0.383  0.509
    words of the eight best hits are added                         0.405  0.398  0.507

Does it hold on a collection not seen? Of 27 settings (IDF_POWER 0.2, 0.35, 0.5; TITLE 0.2, 0.3, 0.45; FEEDBACK_SHARE
0.1, 0.2, 0.3) the best of two collections gives on the third: CISI 0.398, Cranfield 0.388, CACM 0.489. The setting
below lies in the middle of those and gives 0.402, 0.399, 0.513.

Why plain words do not look into documents: with long documents in a fifth of the records (23 to 40 texts of the same
collection each), and words found there weighing 0.02 to 0.1, it gives 0.32, 0.27, 0.43 where the documents begin with
the record's own text, and 0.31, 0.21, 0.41 where they are about other things. No weight helps: a long text has all
words, and so its record comes before all that have some of them. A field of its own changes none of the figures.
"""

# The weight of a word's inverse document frequency, beside the one that BM25 gives it.
IDF_POWER = 0.35
# A word's weight where it stands in the title, as typed, and next to its neighbour in the query; against 1 for a stem.
TITLE = 0.3
EXACT = 0.2
NEIGHBOURS = 0.25
NEIGHBOUR_DISTANCE = 1
# In so many records pairs of words are looked at altogether to see whether they stand together.
MOST_NEIGHBOURS = 200_000
# Words in more than this share of the records say nothing by standing together.
COMMON_SHARE = 0.2
# Added to the score of a title that is, or that begins with, the words of the query.
WHOLE_TITLE = 1_000.0
TITLE_BEGINS = 100.0
# An author named in the query: title and author typed together find the book.
AUTHOR = 0.3
# Of a longer query only so many words are looked for in titles and as typed too: the others decide what matches.
MOST_RAISING = 12
# So many words of a query are looked for in the records that come closest.
MOST_LOOSE = 80
# And no more than have so many hits together, each word once a record.
MOST_LOOSE_POSTINGS = 1_500_000
# A word in the names of more than this share of the records is hardly meant as a name.
AUTHOR_COMMON_SHARE = 0.02
# A word with accents that stands in the record as typed.
ACCENTED = 0.5

# Expansion: so many best hits give so many words, which together weigh this share of the query. Short records, which
# say little about their subject, give less.
FEEDBACK_HITS = 8
FEEDBACK_WORDS = 30
FEEDBACK_SHARE = 0.2
FEEDBACK_PADDING = 50
FEEDBACK_FULL_LENGTH = 80
FEEDBACK_COMMON_SHARE = 0.1
