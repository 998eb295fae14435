package io.sheaf.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads a list of files and targets. */
final class DepositList implements AutoCloseable {
  /** One file and where it goes. */
  record Item(String path, String target) {}

  private final BufferedReader in;
  private final boolean nul;
  private long number;

  /**
   * @param nul whether path and target each end with a NUL, instead of a tab and a line's end
   */
  DepositList(InputStream in, boolean nul) {
    this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    this.nul = nul;
  }

  /** The next item, null at the end. */
  @Nullable Item next() throws IOException {
    number++;
    return nul ? nextByNul() : nextByLine();
  }

  private @Nullable Item nextByLine() throws IOException {
    String line = in.readLine();
    while (line != null && line.isEmpty()) {
      number++;
      line = in.readLine();
    }
    if (line == null) {
      return null;
    }
    int tab = line.indexOf('\t');
    if (tab <= 0 || tab == line.length() - 1) {
      throw new UsageException("line " + number + " of the list is not PATH<tab>TARGET: " + line);
    }
    return new Item(line.substring(0, tab), line.substring(tab + 1));
  }

  private @Nullable Item nextByNul() throws IOException {
    String path = field();
    if (path == null) {
      return null;
    }
    String target = field();
    if (target == null) {
      throw new UsageException("item " + number + " of the list has no target: " + path);
    }
    return new Item(path, target);
  }

  private @Nullable String field() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int c = in.read(); c >= 0; c = in.read()) {
      if (c == 0) {
        return text.toString();
      }
      text.append((char) c);
    }
    return text.length() == 0 ? null : text.toString();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
