package io.sheaf.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sheaf client}. */
@Command(
    name = "client",
    description = {
      "Writes a client for programs to standard output: of Python, one file without dependencies,",
      "which says at its beginning how to use it."
    },
    footer = {"", "Examples:", "  sheaf client python > sheaf.py"})
final class ClientCommand extends SheafCommand {
  /** For which there is a client. */
  enum Language {
    python("sheaf.py");

    final String file;

    Language(String file) {
      this.file = file;
    }
  }

  // Set by picocli before the command is called.
  @SuppressWarnings("NullAway.Init")
  @Parameters(paramLabel = "LANGUAGE", description = "${COMPLETION-CANDIDATES}.")
  private Language language;

  ClientCommand(Context context) {
    super(context);
  }

  @Override
  public Integer call() throws IOException {
    if (isJson()) {
      throw new UsageException("a program has no JSON form: leave --output away");
    }
    String resource = "/io/sheaf/clients/" + language.file;
    try (InputStream in =
        Objects.requireNonNull(ClientCommand.class.getResourceAsStream(resource), resource)) {
      in.transferTo(context.out());
    }
    context.out().flush();
    return ExitStatus.DONE;
  }
}
