#ifndef PALIMPSEST_CEXPAT_SHIM_H
#define PALIMPSEST_CEXPAT_SHIM_H
#include <expat.h>
#endif
