/* What a program that links libnezuban sees is marked NZ_API; all else in the library is hidden. */
#ifndef NEZUBAN_API_H
#define NEZUBAN_API_H

#define NZ_API __attribute__((visibility("default")))

#endif
