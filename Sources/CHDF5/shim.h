#ifndef PALIMPSEST_CHDF5_SHIM_H
#define PALIMPSEST_CHDF5_SHIM_H
#include <hdf5.h>
#endif
