package io.sheaf.cli;

import io.sheaf.conf.ConfException;
import io.sheaf.daemon.Detached;
import io.sheaf.tree.NoSuchSessionException;
import io.sheaf.tree.TreeException;
import io.sheaf.tree.TreeUnreachableException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The one place where an error becomes a line and an exit status. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
  private final boolean debug;

  Failures(Context context) {
    this.debug = context.variable("SHEAF_LOG", "").equalsIgnoreCase("debug");
  }

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("sheaf: " + oneLine(e.getMessage()));
    UnmatchedArgumentException.printSuggestions(e, err);
    err.println("try '" + command.getCommandSpec().qualifiedName() + " --help'");
    return ExitStatus.USAGE;
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    return tell(e, command.getErr());
  }

  /** Prints what has failed; what the process ends with. */
  int tell(Exception e, PrintWriter err) {
    if (e instanceof StandardOutput.ClosedException) {
      return ExitStatus.DONE;
    }
    boolean asked = Termination.isAsked();
    err.println("sheaf: " + (asked ? "interrupted" : line(e)));
    if (debug || (isOurs(e) && !asked)) {
      e.printStackTrace(err);
    }
    return status(e);
  }

  private static int status(Exception e) {
    if (e instanceof FailedException failed) {
      return failed.status();
    }
    if (e instanceof Detached.EndedException ended) {
      return ended.status();
    }
    if (e instanceof UsageException || e instanceof ConfException) {
      return ExitStatus.USAGE;
    }
    if (e instanceof TreeUnreachableException) {
      return ExitStatus.UNREACHABLE;
    }
    return e instanceof NoSuchSessionException ? ExitStatus.NO_SUCH_SESSION : ExitStatus.FAILED;
  }

  /** Whether only a mistake in Sheaf can be the reason, which a stack trace helps to mend. */
  private static boolean isOurs(Exception e) {
    return e instanceof RuntimeException
        && !(e instanceof FailedException)
        && !(e instanceof UsageException)
        && !(e instanceof ConfException)
        && !(e instanceof TreeException)
        && !(e instanceof UncheckedIOException);
  }

  /** One line for a user. */
  static String line(Exception e) {
    if (e instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
      return line(unchecked.getCause());
    }
    if (e instanceof InterruptedException) {
      return "interrupted";
    }
    if (e instanceof FileSystemException file && file.getFile() != null) {
      return file.getFile() + ": " + reason(file);
    }
    if (e instanceof IOException && e.getMessage() != null) {
      return oneLine(e.getMessage());
    }
    return isOurs(e) ? "internal error: " + oneLine(e.toString()) : oneLine(e.getMessage());
  }

  private static String reason(FileSystemException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileAlreadyExistsException) {
      return "exists already";
    }
    if (e instanceof NotDirectoryException) {
      return "not a directory";
    }
    return e.getReason() == null ? e.getClass().getSimpleName() : oneLine(e.getReason());
  }

  private static String oneLine(@Nullable String text) {
    return text == null ? "failed without a reason" : text.strip().replaceAll("\\s*\\R\\s*", "; ");
  }
}
