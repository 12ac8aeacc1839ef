// The GNU C library's own controls of its allocator, which are not in Swift's Glibc module.
#if defined(__has_include)
#if __has_include(<malloc.h>)
#include <malloc.h>
#endif
#endif
