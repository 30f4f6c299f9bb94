#ifndef PALIMPSEST_CCAIRO_SHIM_H
#define PALIMPSEST_CCAIRO_SHIM_H
#include <cairo.h>
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <fontconfig/fontconfig.h>
#include <ft2build.h>
#include FT_FREETYPE_H
#include <hb.h>
#include <pango/pangocairo.h>
#include <pixman.h>

// The version of FreeType that this process runs with, as major, minor, patch; zeros where it does not start.
static inline void palimpsest_freetype_version(int version[3]) {
  FT_Library library;
  version[0] = version[1] = version[2] = 0;
  if (FT_Init_FreeType(&library) != 0) return;
  FT_Library_Version(library, &version[0], &version[1], &version[2]);
  FT_Done_FreeType(library);
}
#endif
