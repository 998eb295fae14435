package io.sheaf.nio;

import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;

/** A worker's refusals as those of a file system. */
final class Problems {
  private Problems() {}

  /** What is asked of a worker. */
  interface Request<T> {
    T run() throws IOException;
  }

  static <T> T at(SheafPath path, Request<T> request) throws IOException {
    try {
      return request.run();
    } catch (DepositException e) {
      throw of(path, e);
    }
  }

  /** With the path and the worker's reason; the cause says of which kind it is. */
  static FileSystemException of(SheafPath path, DepositException e) {
    FileSystemException problem =
        e.kind() == Kind.CONFLICT
            ? new FileAlreadyExistsException(path.toString(), null, e.getMessage())
            : new FileSystemException(path.toString(), null, e.getMessage());
    problem.initCause(e);
    return problem;
  }
}
