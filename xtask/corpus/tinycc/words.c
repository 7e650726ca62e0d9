/* Counts the words of a file and prints the most frequent ones. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
    char text[24];
    int count;
};

static struct word words[500];
static int length;

static void add(const char *text)
{
    for (int i = 0; i < length; i++)
        if (!strcmp(words[i].text, text)) {
            words[i].count++;
            return;
        }
    strcpy(words[length].text, text);
    words[length++].count = 1;
}

static int compare(const void *left, const void *right)
{
    const struct word *a = left, *b = right;
    return a->count != b->count ? b->count - a->count : strcmp(a->text, b->text);
}

int main(int argc, char **argv)
{
    FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;
    if (!file) {
        puts("no file");
        return 2;
    }
    char text[24];
    int at = 0, total = 0, c;
    while ((c = fgetc(file)) != EOF) {
        if (isalpha(c) && at < 23) {
            text[at++] = c;
        } else if (at) {
            text[at] = 0;
            add(text);
            total++;
            at = 0;
        }
    }
    fclose(file);
    qsort(words, length, sizeof words[0], compare);
    for (int i = 0; i < 8 && i < length; i++)
        printf("%-8s %3d %6.2f%%\n", words[i].text, words[i].count, 100.0 * words[i].count / total);
    return 0;
}
