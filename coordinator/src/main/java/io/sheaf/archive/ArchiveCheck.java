package io.sheaf.archive;

import io.sheaf.disk.DiskFile;
import io.sheaf.zip.ContentsCheck;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.DirectoryReader;
import io.sheaf.zip.EndRecord;
import io.sheaf.zip.LocalHeader;
import io.sheaf.zip.NameIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks one archive and notes what is wrong, at most {@value #MOST} problems of it. */
final class ArchiveCheck {
  private static final int MOST = 20;

  private final List<String> problems;
  private final ContentsCheck contents = new ContentsCheck();
  private final EntryGate gate = new EntryGate(true);
  private long entries;

  ArchiveCheck(List<String> problems) {
    this.problems = problems;
  }

  /** Entries in the directory, once it was read. */
  long entries() {
    return entries;
  }

  /** Every byte against the sums in the ledger. */
  void against(DiskFile file, Ledger ledger) throws IOException {
    long size = file.size();
    if (size != ledger.length()) {
      problems.add("it has " + size + " bytes, and its ledger says " + ledger.length());
      return;
    }
    long data = ledger.dataLength();
    if (ArchiveFile.crc(file, 0, data) != ledger.dataCrc()) {
      problems.add("bytes of its entries are not those that were committed");
    }
    if (ArchiveFile.crc(file, data, size - data) != ledger.contents().fromDirectoryCrc()) {
      problems.add("bytes of its central directory are not those that were committed");
    }
  }

  /** That the directory can be read, has as many entries as it says, and no name twice. */
  void directory(DiskFile file) throws IOException {
    walk(file, false);
  }

  /** As {@link #directory}, and each entry: gate, local header, checksum of the contents. */
  void entries(DiskFile file) throws IOException {
    walk(file, true);
  }

  private void walk(DiskFile file, boolean deep) throws IOException {
    EndRecord end = EndRecord.read(file);
    long start = end.directoryOffset();
    NameIndex names = new NameIndex(0);
    NameIndex.Names inFile =
        (record, name, from, to) -> DirectoryReader.isNameAt(file, start + record, name, from, to);
    new DirectoryReader(file, start, end.directoryLength())
        .forEach(
            (entry, record) -> {
              entries++;
              names.add(inFile, entry.nameArray(), entry.nameFrom(), entry.nameTo(), record);
              String reason = deep && problems.size() < MOST ? wrong(file, entry, end) : null;
              if (reason != null) {
                problems.add("entry " + PrintableName.of(entry) + ": " + reason);
              }
              return true;
            });
    if (entries != end.entries()) {
      problems.add("its end record says " + end.entries() + " entries, there are " + entries);
    }
    if (names.size() != entries) {
      problems.add((entries - names.size()) + " of its entries have a name that another one has");
    }
  }

  private @Nullable String wrong(DiskFile file, DirectoryCursor entry, EndRecord end)
      throws IOException {
    String refused = gate.refuses(entry);
    if (refused != null) {
      return refused;
    }
    long left = end.directoryOffset() - entry.offset();
    // The gate has seen that no number is negative.
    ByteBuffer header = ByteBuffer.allocate((int) Math.max(0, Math.min(LocalHeader.LONGEST, left)));
    file.readFully(header, entry.offset());
    LocalHeader local = new LocalHeader();
    String disagrees = EntryGate.refusesLocal(local.read(header.flip(), 0), local, entry);
    if (disagrees != null) {
      return disagrees;
    }
    boolean holds =
        local.length() + entry.compressedSize() <= left
            && contents.holds(
                file,
                entry.offset() + local.length(),
                entry.method(),
                entry.compressedSize(),
                entry.size(),
                entry.crc());
    return holds ? null : "its checksum does not hold";
  }
}
