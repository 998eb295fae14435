package io.sheaf.session;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * Compares a tree with the archives made of it, byte for byte, through a reader of zips that is not
 * Sheaf's.
 */
final class DemoCheck {
  /** What the check found: the archives with their entries, and each difference in a line. */
  record Result(SortedMap<String, Long> entries, long same, List<String> differences) {}

  private DemoCheck() {}

  static Result run(DemoTree tree, DemoGroups groups, Path base, LongConsumer progress)
      throws IOException {
    SortedMap<String, List<DemoTree.Item>> byArchive = new TreeMap<>();
    tree.files()
        .forEach(
            f ->
                byArchive.computeIfAbsent(groups.archive(f.path()), a -> new ArrayList<>()).add(f));
    Result result = new Result(new TreeMap<>(), 0, new ArrayList<>());
    long same = 0;
    for (var e : byArchive.entrySet()) {
      same += archive(tree, base.resolve(e.getKey()), e.getKey(), e.getValue(), result);
      progress.accept(same);
    }
    return new Result(result.entries(), same, List.copyOf(result.differences()));
  }

  private static long archive(
      DemoTree tree, Path path, String name, List<DemoTree.Item> files, Result result)
      throws IOException {
    if (!Files.exists(path)) {
      result.differences().add(name + ": there is no such archive");
      return 0;
    }
    long same = 0;
    try (ZipFile zip = ZipFile.builder().setPath(path).get()) {
      long entries = 0;
      for (var all = zip.getEntries(); all.hasMoreElements(); all.nextElement()) {
        entries++;
      }
      result.entries().put(name, entries);
      if (entries != files.size()) {
        result.differences().add(name + ": " + entries + " entries for " + files.size() + " files");
      }
      for (DemoTree.Item file : files) {
        String difference = difference(zip, tree.root(), file.path());
        if (difference.isEmpty()) {
          same++;
        } else {
          result.differences().add(name + "/" + file.path() + ": " + difference);
        }
      }
    }
    return same;
  }

  private static String difference(ZipFile zip, Path root, String file) throws IOException {
    int count = 0;
    for (ZipArchiveEntry entry : zip.getEntries(file)) {
      count++;
      try (InputStream expected =
              new BufferedInputStream(Files.newInputStream(root.resolve(file)));
          InputStream found = new BufferedInputStream(zip.getInputStream(entry))) {
        if (!same(expected, found)) {
          return "other bytes than the file";
        }
      }
    }
    return count == 1 ? "" : count == 0 ? "is not in it" : "is in it " + count + " times";
  }

  private static boolean same(InputStream a, InputStream b) throws IOException {
    byte[] left = new byte[64 << 10];
    byte[] right = new byte[64 << 10];
    while (true) {
      int n = a.readNBytes(left, 0, left.length);
      int m = b.readNBytes(right, 0, right.length);
      if (!Arrays.equals(left, 0, n, right, 0, m)) {
        return false;
      }
      if (n < left.length) {
        return true;
      }
    }
  }
}
