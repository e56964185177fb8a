// Kills the process it is loaded into (LD_PRELOAD) at a counted sync of its write-ahead log, and
// notes how far each such file was synced, so that a test can take away what was not.
//
//   KILL_DIRECTORY  files `*.log` right below it count
//   KILL_NOTES      a line "name size" for each finished sync is appended to this file
//   KILL_ORDERS     a file "ID COUNT before|after", looked at with each sync: the process dies
//   before
//                   or after the COUNT-th sync since these orders were first seen; no file: never
//
// The program itself knows nothing of it: it is the one that people run.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <sstream>
#include <string>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

struct Orders {
  std::string text;
  long count = 0;
  bool before = false;
};

// Never destroyed: RocksDB's threads may outlive main().
struct Killer {
  std::string directory;
  std::string orders_file;
  int notes = -1;
  std::mutex mutex;
  Orders orders;
  long syncs = 0;  // Since these orders.

  Killer() {
    const auto text = [](const char* name) {
      const char* value = std::getenv(name);
      return std::string(value == nullptr ? "" : value);
    };
    directory = text("KILL_DIRECTORY");
    orders_file = text("KILL_ORDERS");
    notes = open(text("KILL_NOTES").c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  }

  void read_orders() {
    std::string text;
    std::ifstream file(orders_file);
    std::getline(file, text);
    if (text == orders.text) return;
    std::istringstream words(text);
    std::string id;
    std::string when;
    orders = {text, 0, false};
    words >> id >> orders.count >> when;
    orders.before = when == "before";
    syncs = 0;
  }
};

Killer& killer() {
  static Killer& known = *new Killer();
  return known;
}

// The name of a write-ahead log of ours, or nothing.
std::string log_name(int file) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = readlink(link.c_str(), path, sizeof path);
  if (size <= 0) return "";
  const std::string whole(path, static_cast<std::size_t>(size));
  const std::string& directory = killer().directory;
  if (directory.empty() || !whole.starts_with(directory + "/") || !whole.ends_with(".log")) {
    return "";
  }
  const std::string name = whole.substr(directory.size() + 1);
  return name.find('/') == std::string::npos ? name : "";
}

void note(int file, const std::string& name) {
  struct stat status {};
  if (fstat(file, &status) != 0) return;
  const std::string line = name + " " + std::to_string(status.st_size) + "\n";
  if (write(killer().notes, line.data(), line.size()) < 0) std::perror("KILL_NOTES");
}

using Sync = int (*)(int);

int counted(int file, const char* symbol) {
  // A cast from void* to a function is what dlsym is for.
  static_assert(sizeof(Sync) == sizeof(void*));
  void* found = dlsym(RTLD_NEXT, symbol);
  Sync real = nullptr;
  std::memcpy(&real, &found, sizeof real);
  const std::string name = log_name(file);
  if (name.empty()) return real(file);
  bool last = false;
  bool before = false;
  {
    const std::lock_guard lock(killer().mutex);
    killer().read_orders();
    last = ++killer().syncs == killer().orders.count;
    before = killer().orders.before;
  }
  if (last && before) raise(SIGKILL);
  const int result = real(file);
  if (result == 0) note(file, name);
  if (last) raise(SIGKILL);
  return result;
}

}  // namespace

extern "C" {
int fdatasync(int file) { return counted(file, "fdatasync"); }
int fsync(int file) { return counted(file, "fsync"); }
}
