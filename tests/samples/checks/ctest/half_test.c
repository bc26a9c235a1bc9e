#include "half.h"

#include <stdio.h>
#include <string.h>

static int check(int number)
{
    if (half(number) * 2 == number)
        return 0;
    printf("half of %d\n", number);
    return 1;
}

int main(int count, char **arguments)
{
    const char *name = count > 1 ? arguments[1] : "";
    if (strcmp(name, "even") == 0)
        return check(4);
    if (strcmp(name, "odd") == 0)
        return check(3);
    if (strcmp(name, "text") == 0)
        return check(-1);
    return 77;
}
