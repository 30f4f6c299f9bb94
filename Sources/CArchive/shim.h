#ifndef PALIMPSEST_CARCHIVE_SHIM_H
#define PALIMPSEST_CARCHIVE_SHIM_H
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#if defined(__APPLE__)
#include <xlocale.h>
#endif

// What an entry is; borrows it. Macros with casts do not reach Swift.
static inline int palimpsest_is_regular(struct archive_entry *entry) {
  return archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == NULL;
}
static inline int palimpsest_is_folder(struct archive_entry *entry) { return archive_entry_filetype(entry) == AE_IFDIR; }
static inline int palimpsest_is_link(struct archive_entry *entry) {
  return archive_entry_filetype(entry) == AE_IFLNK || archive_entry_hardlink(entry) != NULL;
}
static inline void palimpsest_make_regular(struct archive_entry *entry) {
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_perm(entry, 0644);
}

// libarchive reads and writes names in the encoding of the thread's locale. Makes that UTF-8 and returns what was there before;
// `made` is owned by the caller and goes back with palimpsest_leave_utf8. Leaves everything as it is where there is no such locale.
static inline locale_t palimpsest_enter_utf8(locale_t *made) {
  *made = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  if (*made == (locale_t)0) *made = newlocale(LC_CTYPE_MASK, "en_US.UTF-8", (locale_t)0);
  return *made == (locale_t)0 ? (locale_t)0 : uselocale(*made);
}
static inline void palimpsest_leave_utf8(locale_t before, locale_t made) {
  if (made == (locale_t)0) return;
  uselocale(before);
  freelocale(made);
}

#endif
