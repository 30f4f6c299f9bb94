#ifndef PALIMPSEST_CCURL_SHIM_H
#define PALIMPSEST_CCURL_SHIM_H
#include <curl/curl.h>
#include <stddef.h>

// curl_easy_setopt and curl_easy_getinfo take any type, which Swift does not import: one function a type. All borrow; libcurl copies
// strings, and keeps the pointers to contexts and lists until they are set anew or the handle is cleaned up.

static inline CURLcode palimpsest_curl_set_number(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode palimpsest_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode palimpsest_curl_set_headers(CURL *handle, struct curl_slist *list) {
  return curl_easy_setopt(handle, CURLOPT_HTTPHEADER, list);
}

// Takes bytes of the body, or a line of the header; returns how many of them it took, anything else ends the transfer.
typedef size_t (*palimpsest_curl_receiver)(char *bytes, size_t size, size_t count, void *context);
// Returns 0, or 1 to end the transfer; asked about once a second at least.
typedef int (*palimpsest_curl_progress)(
    void *context, curl_off_t expected, curl_off_t received, curl_off_t to_send, curl_off_t sent);

static inline CURLcode palimpsest_curl_set_callbacks(
    CURL *handle, palimpsest_curl_receiver body, palimpsest_curl_receiver header, palimpsest_curl_progress progress,
    void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, body);
  if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
  if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, header);
  if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_HEADERDATA, context);
  if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, progress);
  if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_XFERINFODATA, context);
  if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  return code;
}

// HTTP and HTTPS alone, no signals, and no waiting for a name that is still looked up when the time is over.
static inline CURLcode palimpsest_curl_restrict(CURL *handle) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
  if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
  if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
#endif
  return code;
}

static inline CURLcode palimpsest_curl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

#endif
