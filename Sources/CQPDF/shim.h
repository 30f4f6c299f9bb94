#ifndef PALIMPSEST_CQPDF_SHIM_H
#define PALIMPSEST_CQPDF_SHIM_H
#include <qpdf/qpdf-c.h>
#endif
