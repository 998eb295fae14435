package io.sheaf.archive;

import io.sheaf.disk.DiskFile;
import io.sheaf.zip.Crc32c;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/** Reads {@link FoldedLedgers} once, line by line: one line at a time is in memory. */
final class FoldedReader {
  private static final int PIECE = 64 << 10;
  private static final Pattern SECOND =
      Pattern.compile("\"version\":([0-9]{1,9}),\"fold\":([0-9]{1,18}),\"ledgers\":\\[\n");
  private static final String LAST =
      new String(FoldedLedgers.lastLine(), StandardCharsets.US_ASCII);

  private final Path path;
  private final DiskFile file;
  private final long size;
  private final CRC32C sum = new CRC32C();
  private final ByteBuffer piece = ByteBuffer.allocate(PIECE).limit(0);
  private long read;
  private long at;

  FoldedReader(Path path, DiskFile file) throws IOException {
    this.path = path;
    this.file = file;
    this.size = file.size();
  }

  /**
   * Reads all of it.
   *
   * @throws ArchiveDisagreesException when it is damaged, or of a newer version
   */
  FoldedLedgers.Known read(ByteBuffer head) throws IOException {
    byte[] first = line();
    sum.reset();
    Matcher second = SECOND.matcher(text(line()));
    SortedMap<String, FoldedLedgers.Line> lines = new TreeMap<>();
    byte[] line = line();
    for (; line.length > LAST.length(); line = line()) {
      add(line, lines);
    }
    boolean whole =
        text(line).equals(LAST)
            && at == size
            && Arrays.equals(first, Json.firstLine((int) sum.getValue()));
    if (!whole || !second.matches()) {
      throw FoldedLedgers.damaged(path);
    }
    if (Long.parseLong(second.group(1)) > FoldedLedgers.VERSION) {
      throw new ArchiveDisagreesException(
          path + " was written by a newer Sheaf: use that one, or a newer one", null);
    }
    return new FoldedLedgers.Known(head, Long.parseLong(second.group(2)), lines);
  }

  private static String text(byte[] line) {
    return new String(line, StandardCharsets.UTF_8);
  }

  private void add(byte[] line, SortedMap<String, FoldedLedgers.Line> lines) throws IOException {
    String archive = Json.text(line, "archive");
    int length = line.length - (line[line.length - 2] == ',' ? 2 : 1);
    int crc = Crc32c.of(ByteBuffer.wrap(line, 0, length).slice());
    FoldedLedgers.Line found = new FoldedLedgers.Line(at - line.length, length, crc);
    if (archive == null || lines.put(archive, found) != null) {
      throw FoldedLedgers.damaged(path);
    }
  }

  /** The next line with its line feed; less at the end of the file. */
  private byte[] line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    boolean ended = false;
    while (!ended && fill()) {
      int start = piece.position();
      int end = start;
      while (end < piece.limit() && !ended) {
        ended = piece.get(end++) == '\n';
      }
      line.write(piece.array(), start, end - start);
      piece.position(end);
    }
    at += line.size();
    sum.update(line.toByteArray());
    return line.toByteArray();
  }

  private boolean fill() throws IOException {
    if (!piece.hasRemaining() && read < size) {
      file.readFully(piece.clear().limit((int) Math.min(PIECE, size - read)), read);
      read += piece.flip().limit();
    }
    return piece.hasRemaining();
  }
}
