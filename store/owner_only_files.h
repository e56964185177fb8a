// The file system RocksDB writes a log through: what it creates is for its owner only.
//
// RocksDB creates files with mode 0644. The log's directory is 0700, but where a volume's root
// belongs to somebody else the files must stand for themselves.

#pragma once

namespace rocksdb {
class Env;
}

namespace raycord {

rocksdb::Env* owner_only_files();

}  // namespace raycord
