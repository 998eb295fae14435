package io.sheaf.deposit;

import io.sheaf.disk.DiskFile;
import io.sheaf.disk.ForwardingDisk;
import io.sheaf.disk.SystemDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Real files, on a disk that can be told to fail. Counts its syncs. */
public final class FailingDisk extends ForwardingDisk {
  private final AtomicInteger syncs = new AtomicInteger();
  private volatile @Nullable String writeFailure;
  private volatile @Nullable String syncFailure;
  private volatile boolean exhausted;
  private volatile @Nullable String truncateFailure;

  public FailingDisk() {
    super(new SystemDisk());
  }

  /** Every write writes half of what it should and then fails with this message; null mends it. */
  public void failWrites(@Nullable String message) {
    writeFailure = message;
  }

  public void failSyncs(@Nullable String message) {
    syncFailure = message;
  }

  public void failTruncates(@Nullable String message) {
    truncateFailure = message;
  }

  /** Every write writes half of what it should and then finds no memory. */
  public void exhaustMemory(boolean exhaust) {
    exhausted = exhaust;
  }

  public int syncs() {
    return syncs.get();
  }

  private static void failIf(@Nullable String message) throws IOException {
    if (message != null) {
      throw new IOException(message);
    }
  }

  @Override
  public DiskFile create(Path file) throws IOException {
    return new FaultyFile(super.create(file));
  }

  @Override
  public DiskFile openForWrite(Path file) throws IOException {
    return new FaultyFile(super.openForWrite(file));
  }

  private final class FaultyFile implements DiskFile {
    private final DiskFile file;

    FaultyFile(DiskFile file) {
      this.file = file;
    }

    @Override
    public Path path() {
      return file.path();
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      if (writeFailure != null || exhausted) {
        ByteBuffer half = source.duplicate();
        file.write(half.limit(half.position() + half.remaining() / 2), position);
      }
      failIf(writeFailure);
      if (exhausted) {
        throw new OutOfMemoryError("by a test");
      }
      file.write(source, position);
    }

    @Override
    public void write(ByteBuffer[] sources, long position) throws IOException {
      if (writeFailure != null && sources.length > 0) {
        file.write(sources[0].duplicate(), position);
      }
      failIf(writeFailure);
      file.write(sources, position);
    }

    @Override
    public void copyTo(DiskFile target, long targetPosition, long position, long count)
        throws IOException {
      failIf(writeFailure);
      DiskFile real = target instanceof FaultyFile faulty ? faulty.file : target;
      file.copyTo(real, targetPosition, position, count);
    }

    @Override
    public void truncate(long size) throws IOException {
      failIf(truncateFailure);
      file.truncate(size);
    }

    @Override
    public void sync() throws IOException {
      syncs.incrementAndGet();
      failIf(syncFailure);
      file.sync();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
