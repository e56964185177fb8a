#include "store/disk.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/limits.h"

namespace raycord {
namespace {

std::string ballast_path(const std::string& directory) { return directory + "/BALLAST"; }

Failure failed(const std::string& doing, int error) {
  return fail(error == ENOSPC ? ErrorCode::NoSpace : ErrorCode::Io,
              doing + ": " + std::strerror(error));
}

std::string megabytes(std::uint64_t bytes) {
  return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MB";
}

}  // namespace

Result<DiskUsage> disk_usage(const std::string& directory) {
  struct statvfs volume {};
  if (statvfs(directory.c_str(), &volume) != 0) return failed("looking at " + directory, errno);
  DiskUsage usage;
  usage.free = std::uint64_t{volume.f_bavail} * volume.f_frsize;
  std::error_code error;
  std::filesystem::directory_iterator files(directory, error);
  if (error) return failed("listing " + directory, error.value());
  for (; files != std::filesystem::directory_iterator(); files.increment(error)) {
    struct stat file {};
    // RocksDB removes files while we look.
    if (stat(files->path().c_str(), &file) != 0 || !S_ISREG(file.st_mode)) continue;
    auto bytes = static_cast<std::uint64_t>(file.st_blocks) * 512;
    (files->path() == ballast_path(directory) ? usage.ballast : usage.log) += bytes;
    if (error) return failed("listing " + directory, error.value());
  }
  return usage;
}

std::string no_space_text(const std::string& directory) {
  std::string text = "the volume is full";
  if (Result<DiskUsage> usage = disk_usage(directory)) {
    text += " (" + megabytes(usage->free) + " free, the log takes " + megabytes(usage->log) +
            ", its ballast " + megabytes(usage->ballast) + ")";
  }
  return text + "; at least " + megabytes(kBallastBytes) +
         " are needed to open the log again: make room, or remove its file BALLAST, and restart";
}

Outcome check_room_to_open(const std::string& directory) {
  Result<DiskUsage> usage = disk_usage(directory);
  if (!usage) return fail(usage.error());
  std::uint64_t unflushed = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator file(directory, error), end; !error && file != end;
       file.increment(error)) {
    std::error_code gone;
    const auto size = file->file_size(gone);
    if (!gone && file->path().extension() == ".log") unflushed += size;
  }
  const std::uint64_t needed =
      kOpeningBytes + std::min<std::uint64_t>(unflushed, kWriteBufferBytes);
  if (usage->free >= needed) return Done{};
  return fail(ErrorCode::NoSpace,
              "opening the log in " + directory + ": " + no_space_text(directory));
}

Outcome place_ballast(const std::string& directory, std::uint64_t bytes) {
  const std::string path = ballast_path(directory);
  struct stat file {};
  if (stat(path.c_str(), &file) == 0 && static_cast<std::uint64_t>(file.st_size) >= bytes) {
    return Done{};
  }
  Result<DiskUsage> usage = disk_usage(directory);
  if (!usage) return fail(usage.error());
  if (bytes == 0 || usage->free < 2 * bytes) return Done{};
  int ballast = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (ballast < 0) return failed("creating " + path, errno);
  int error = posix_fallocate(ballast, 0, static_cast<off_t>(bytes));
  ::close(ballast);
  if (error == 0) return Done{};
  ::unlink(path.c_str());
  if (error == ENOSPC) return Done{};  // A quota: less is free than the volume says.
  return failed("reserving " + path, error);
}

Outcome remove_ballast(const std::string& directory) {
  const std::string path = ballast_path(directory);
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return Done{};
  return failed("removing " + path, errno);
}

Outcome make_log_directory(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return failed("creating " + directory, error.value());
  if (chmod(directory.c_str(), 0700) == 0) return Done{};
  // On some volumes the directory belongs to somebody else and a group gives us access.
  if (errno == EPERM && access(directory.c_str(), R_OK | W_OK | X_OK) == 0) return Done{};
  return failed("making " + directory + " private", errno);
}

}  // namespace raycord
