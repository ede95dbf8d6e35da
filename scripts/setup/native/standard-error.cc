// Points the standard error of the process at an anonymous file and back. A library that writes to file descriptor 2 while it is loaded
// cannot be reached by process.stderr.write of Node.
//
//   divert()   from now on what is written to descriptor 2 is kept in memory; false when the system refuses
//   restore()  descriptor 2 as it was before; returns what was kept

#include <node_api.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

static int before = -1;
static int kept = -1;

static napi_value Divert(napi_env env, napi_callback_info) {
  bool done = false;
  if (before == -1) {
    before = dup(2);
    kept = memfd_create("standard-error", 0);
    done = before != -1 && kept != -1 && dup2(kept, 2) != -1;
    if (!done) {
      if (before != -1) close(before);
      if (kept != -1) close(kept);
      before = kept = -1;
    }
  }
  napi_value result;
  napi_get_boolean(env, done, &result);
  return result;
}

static napi_value Restore(napi_env env, napi_callback_info) {
  std::string text;
  if (before != -1) {
    dup2(before, 2);
    close(before);
    const off_t size = lseek(kept, 0, SEEK_END);
    text.resize(size > 0 ? size : 0);
    const ssize_t length = pread(kept, &text[0], text.size(), 0);
    text.resize(length > 0 ? length : 0);
    close(kept);
    before = kept = -1;
  }
  napi_value result;
  napi_create_string_utf8(env, text.data(), text.size(), &result);
  return result;
}

static napi_value Init(napi_env env, napi_value exports) {
  napi_value divert, restore;
  napi_create_function(env, "divert", NAPI_AUTO_LENGTH, Divert, nullptr, &divert);
  napi_create_function(env, "restore", NAPI_AUTO_LENGTH, Restore, nullptr, &restore);
  napi_set_named_property(env, exports, "divert", divert);
  napi_set_named_property(env, exports, "restore", restore);
  return exports;
}

NAPI_MODULE(NODE_GYP_MODULE_NAME, Init)
