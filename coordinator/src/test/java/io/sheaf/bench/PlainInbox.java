package io.sheaf.bench;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * An inbox of ordinary zips with members named {@code ar.zip/rel/path}, as the peer reads it: what
 * both systems are given to merge.
 */
final class PlainInbox implements Closeable {
  private final List<ZipFile> zips = new ArrayList<>();
  private final List<Member> members = new ArrayList<>();

  PlainInbox(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.list(directory)) {
      files = found.filter(f -> f.toString().endsWith(".zip")).sorted().toList();
    }
    for (Path file : files) {
      ZipFile zip = new ZipFile(file.toFile());
      zips.add(zip);
      for (Enumeration<? extends ZipEntry> e = zip.entries(); e.hasMoreElements(); ) {
        members.add(Member.of(zip, e.nextElement()));
      }
    }
  }

  /** A member of one of the zips. */
  record Member(ZipFile zip, ZipEntry entry, String archive, String name) {
    static Member of(ZipFile zip, ZipEntry entry) {
      int slash = entry.getName().indexOf('/');
      return new Member(
          zip, entry, entry.getName().substring(0, slash), entry.getName().substring(slash + 1));
    }

    byte[] contents() throws IOException {
      try (InputStream in = zip.getInputStream(entry)) {
        return in.readAllBytes();
      }
    }

    /** Milliseconds since the epoch. */
    long modified() {
      return entry.getLastModifiedTime().toMillis();
    }
  }

  int zips() {
    return zips.size();
  }

  /** All members, zip by zip. */
  List<Member> members() {
    return members;
  }

  Map<String, List<Member>> byArchive() {
    Map<String, List<Member>> groups = new LinkedHashMap<>();
    members.forEach(m -> groups.computeIfAbsent(m.archive(), a -> new ArrayList<>()).add(m));
    return groups;
  }

  @Override
  public void close() throws IOException {
    for (ZipFile zip : zips) {
      zip.close();
    }
  }
}
