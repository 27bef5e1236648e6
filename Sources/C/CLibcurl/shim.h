#pragma once
#include <curl/curl.h>
// The loop that drives libcurl's sockets; Swift's Glibc module leaves both out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <pthread.h>
// Declared by glibc only under _GNU_SOURCE.
extern int pthread_setname_np(pthread_t thread, const char *name);

// Variadic functions, which Swift cannot call, with one function for each kind of argument.

static inline CURLcode easy_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

// Strings are copied by libcurl; NULL takes an option back to its default.
static inline CURLcode easy_set_string(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode easy_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode easy_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}

// The bytes are copied by libcurl.
static inline CURLcode easy_set_blob(CURL *handle, CURLoption option, const void *bytes, size_t count) {
  struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
  return curl_easy_setopt(handle, option, &blob);
}

// The list is not copied: it must live until it is replaced.
static inline CURLcode easy_set_headers(CURL *handle, struct curl_slist *value) {
  return curl_easy_setopt(handle, CURLOPT_HTTPHEADER, value);
}

static inline CURLcode easy_set_body_callback(CURL *handle, curl_write_callback call, void *context) {
  CURLcode result = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, call);
  return result ? result : curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
}

static inline CURLcode easy_set_read_callback(CURL *handle, curl_read_callback call, void *context) {
  CURLcode result = curl_easy_setopt(handle, CURLOPT_READFUNCTION, call);
  return result ? result : curl_easy_setopt(handle, CURLOPT_READDATA, context);
}

static inline CURLcode easy_set_header_callback(CURL *handle, curl_write_callback call, void *context) {
  CURLcode result = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, call);
  return result ? result : curl_easy_setopt(handle, CURLOPT_HEADERDATA, context);
}

static inline CURLcode easy_set_sending_callback(CURL *handle, curl_prereq_callback call, void *context) {
  CURLcode result = curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, call);
  return result ? result : curl_easy_setopt(handle, CURLOPT_PREREQDATA, context);
}

static inline CURLcode easy_set_close_callback(CURL *handle, curl_closesocket_callback call, void *context) {
  CURLcode result = curl_easy_setopt(handle, CURLOPT_CLOSESOCKETFUNCTION, call);
  return result ? result : curl_easy_setopt(handle, CURLOPT_CLOSESOCKETDATA, context);
}

// 0 or an empty answer where libcurl has nothing to say.
static inline long easy_info_long(CURL *handle, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(handle, info, &value) ? 0 : value;
}

static inline curl_off_t easy_info_offset(CURL *handle, CURLINFO info) {
  curl_off_t value = 0;
  return curl_easy_getinfo(handle, info, &value) ? 0 : value;
}

static inline const char *easy_info_string(CURL *handle, CURLINFO info) {
  const char *value = NULL;
  return curl_easy_getinfo(handle, info, &value) ? NULL : value;
}

static inline void *easy_info_context(CURL *handle) {
  char *value = NULL;
  return curl_easy_getinfo(handle, CURLINFO_PRIVATE, &value) ? NULL : value;
}

static inline CURLMcode multi_set_long(CURLM *handle, CURLMoption option, long value) {
  return curl_multi_setopt(handle, option, value);
}

static inline CURLMcode multi_set_callbacks(
  CURLM *handle, curl_socket_callback socket, curl_multi_timer_callback timer, void *context
) {
  CURLMcode result = curl_multi_setopt(handle, CURLMOPT_SOCKETFUNCTION, socket);
  if (!result) result = curl_multi_setopt(handle, CURLMOPT_SOCKETDATA, context);
  if (!result) result = curl_multi_setopt(handle, CURLMOPT_TIMERFUNCTION, timer);
  return result ? result : curl_multi_setopt(handle, CURLMOPT_TIMERDATA, context);
}

// A macro in C.
static const unsigned long http_auth_any = (unsigned long)CURLAUTH_ANY;
