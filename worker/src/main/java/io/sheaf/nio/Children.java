package io.sheaf.nio;

import java.io.IOException;
import java.nio.file.ClosedDirectoryStreamException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** What was in a directory when it was opened. */
final class Children implements DirectoryStream<Path> {
  private final List<SheafPath> paths;
  private final DirectoryStream.Filter<? super Path> filter;
  private boolean begun;
  private volatile boolean closed;

  Children(List<SheafPath> paths, DirectoryStream.Filter<? super Path> filter) {
    this.paths = paths;
    this.filter = filter;
  }

  @Override
  public synchronized Iterator<Path> iterator() {
    if (closed) {
      throw new IllegalStateException(new ClosedDirectoryStreamException());
    }
    if (begun) {
      throw new IllegalStateException("a directory stream is gone through once");
    }
    begun = true;
    return new Accepted(paths.iterator());
  }

  private final class Accepted implements Iterator<Path> {
    private final Iterator<SheafPath> all;
    private @Nullable Path next;

    Accepted(Iterator<SheafPath> all) {
      this.all = all;
    }

    @Override
    public boolean hasNext() {
      while (next == null && !closed && all.hasNext()) {
        SheafPath candidate = all.next();
        next = accepts(candidate) ? candidate : null;
      }
      return next != null;
    }

    @Override
    public Path next() {
      Path found = hasNext() ? next : null;
      if (found == null) {
        throw new NoSuchElementException();
      }
      next = null;
      return found;
    }
  }

  private boolean accepts(Path candidate) {
    try {
      return filter.accept(candidate);
    } catch (IOException e) {
      throw new DirectoryIteratorException(e);
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
