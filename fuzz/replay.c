/* A main for fuzz targets where there is no fuzzer: runs every file of the folders and files named. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        return 1;
    }
    fseek(f, 0, SEEK_END);
    long n = ftell(f);
    rewind(f);
    /* exactly n bytes, so that a read past the end is seen by the address sanitizer */
    uint8_t *bytes = malloc(n > 0 ? (size_t)n : 1);
    int bad = !bytes || fread(bytes, 1, (size_t)n, f) != (size_t)n;
    if (!bad)
        LLVMFuzzerTestOneInput(bytes, (size_t)n);
    free(bytes);
    fclose(f);
    return bad;
}

static int replay_folder(const char *path, int *files)
{
    struct dirent **names;
    int n = scandir(path, &names, NULL, alphasort), bad = n < 0;
    for (int i = 0; i < n; i++) {
        char file[4096];
        snprintf(file, sizeof file, "%s/%s", path, names[i]->d_name);
        struct stat st;
        if (stat(file, &st) == 0 && S_ISREG(st.st_mode)) {
            bad |= replay_file(file);
            (*files)++;
        }
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return bad;
}

int main(int argc, char **argv)
{
    int files = 0, bad = 0;
    for (int i = 1; i < argc; i++)
        bad |= replay_folder(argv[i], &files);
    printf("%d inputs replayed\n", files);
    return bad || files == 0; /* an empty corpus is a failure: it would test nothing */
}
