// The system's zlib, which the gRPC library links already.
#include <zlib.h>
