package io.sheaf.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;

/** Runs commands in this process with their streams captured. */
final class Cli {
  private final Map<String, String> environment = new LinkedHashMap<>();
  private byte[] in = new byte[0];

  /** What a command did. */
  record Run(int status, String out, String err, String contents) {}

  Cli with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  Cli in(String text) {
    in = text.getBytes(StandardCharsets.UTF_8);
    return this;
  }

  Run run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    return run(out, err, arguments);
  }

  Run run(StringWriter out, StringWriter err, String... arguments) {
    InputStream input = new ByteArrayInputStream(in);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CommandLine command =
        Sheaf.commandLine(new Context(environment, input, bytes, false), arguments);
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    int status = command.execute(arguments);
    return new Run(status, out.toString(), err.toString(), bytes.toString(StandardCharsets.UTF_8));
  }
}
