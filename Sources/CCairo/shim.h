#ifndef PALIMPSEST_CCAIRO_SHIM_H
#define PALIMPSEST_CCAIRO_SHIM_H
#include <cairo.h>
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#endif
