package io.sheaf.deposit;

import io.sheaf.batch.AppendLogName;
import io.sheaf.batch.AppendRecord;
import io.sheaf.batch.BaseDirectory;
import io.sheaf.disk.Disk;
import io.sheaf.disk.DiskFile;
import io.sheaf.disk.DiskLock;
import io.sheaf.disk.InDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An append log that is open: a file under a POSIX lock, to which records of many segments are
 * appended, or those of one alone.
 */
final class AppendLog {
  private final Disk disk;
  private final Path path;
  private final long number;
  private final boolean own;
  private final DiskLock lock;
  private final DiskFile file;
  private volatile boolean broken;
  private boolean closed;

  // Of the writer's thread:
  /** Segments that have not ended and have records here. */
  int live;

  /** Whether what was written since the last sync must be synced. */
  volatile boolean unsynced;

  private long end = AppendRecord.FILE_HEADER;
  private long planned = AppendRecord.FILE_HEADER;
  private List<ByteBuffer> slices = new ArrayList<>();

  private AppendLog(Disk disk, Path path, long number, boolean own, DiskLock lock, DiskFile file) {
    this.disk = disk;
    this.path = path;
    this.number = number;
    this.own = own;
    this.lock = lock;
    this.file = file;
  }

  /** Makes a log; its name is durable when this returns. */
  static AppendLog create(Disk disk, BaseDirectory base, String worker, long number, boolean own)
      throws IOException {
    Path place = base.inbox(AppendLogName.PLACE);
    Path path = place.resolve(new AppendLogName(worker, number).file());
    DiskLock lock =
        InDirectory.tryLock(disk, path)
            .orElseThrow(() -> new IOException(path + " is locked by another process"));
    try {
      DiskFile file = disk.openForWrite(path);
      file.write(AppendRecord.fileHeader(own), 0);
      disk.syncDirectory(place);
      return new AppendLog(disk, path, number, own, lock, file);
    } catch (IOException e) {
      try (lock) {
        disk.delete(path);
      } catch (IOException another) {
        e.addSuppressed(another);
      }
      throw e;
    }
  }

  long number() {
    return number;
  }

  boolean isOwn() {
    return own;
  }

  DiskFile file() {
    return file;
  }

  /** Up to where the records that are written go. */
  long end() {
    return end;
  }

  /** Whether nothing may be written to it any more. */
  boolean isBroken() {
    return broken;
  }

  /** Where a record of so many bytes will stand once it is written. */
  long reserve(int bytes) {
    long position = planned;
    planned += bytes;
    return position;
  }

  /** Adds the bytes of what was reserved, in that order. */
  void plan(ByteBuffer records) {
    slices.add(records);
  }

  /** Writes what was planned; after a failure nothing of it is there. */
  void write() throws IOException {
    List<ByteBuffer> now = slices;
    slices = new ArrayList<>();
    try {
      if (broken) {
        throw new IOException(path + " could not be written and is given up");
      }
      file.write(now.toArray(ByteBuffer[]::new), end);
      end = planned;
    } catch (IOException e) {
      planned = end;
      if (!broken) {
        cutBack(e);
      }
      throw e;
    }
  }

  private void cutBack(IOException reason) {
    try {
      file.truncate(end);
    } catch (IOException e) {
      broken = true; // What holds ends where a record does not.
      reason.addSuppressed(e);
    }
  }

  boolean isPlanned() {
    return !slices.isEmpty();
  }

  /** Makes durable what is written. After a failure nothing more may be written or synced. */
  void sync() throws IOException {
    synchronized (this) {
      if (closed) {
        return; // All of it has ended.
      }
      if (broken) {
        throw new IOException(path + " could not be synced and is given up");
      }
      try {
        file.sync();
      } catch (IOException e) {
        broken = true;
        throw e;
      }
    }
  }

  /** Removes the log. Its name is durably gone after a sync of the directory. */
  void delete() throws IOException {
    disk.delete(path);
    close();
  }

  synchronized void close() throws IOException {
    if (!closed) {
      closed = true;
      try (lock) {
        file.close();
      }
    }
  }
}
