#include <stdio.h>

int main(void)
{
    puts("nezuban " NZ_VERSION);
    return 0;
}
