package io.sheaf.batch;

import io.sheaf.tree.Manifest;
import io.sheaf.zip.BadZipException;
import io.sheaf.zip.Crc32c;
import io.sheaf.zip.DirectoryBuilder;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.EntryHeader;
import io.sheaf.zip.ZipFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Which part each entry of a batch of several archives belongs to, in the order of their writing;
 * and from that the end of the batch, where the records stand part by part.
 */
final class MixedListing {
  private final List<MixedPart> parts = new ArrayList<>();
  private int[] partOf = new int[1024];
  private int entries;

  /** Makes room, so that memory does not run out once an entry is in the file. */
  void reserve(int more) {
    if (entries + more > partOf.length) {
      partOf = Arrays.copyOf(partOf, Math.max(2 * partOf.length, entries + more));
    }
  }

  /** Takes in an entry: its local header and data have that length and CRC32C. */
  void add(MixedPart part, EntryHeader header, long length, int crc) {
    if (part.number() < 0) {
      part.setNumber(parts.size());
      parts.add(part);
    }
    reserve(1);
    partOf[entries++] = part.number();
    part.add(header.size(), length, crc);
  }

  /**
   * What follows the entries of a batch.
   *
   * @param last the entry that holds the list, header and contents
   * @param directory the records by part, then that of the list
   */
  record End(ByteBuffer last, DirectoryBuilder directory, PartList list) {
    /** The manifests of the parts, as they are published. */
    List<Manifest> manifests(Manifest whole) {
      return list.parts().stream().map(part -> MixedFile.manifest(whole, part)).toList();
    }
  }

  /**
   * The end of a batch whose entries take that many bytes.
   *
   * @param records of the entries, in the order in which they were added here
   * @param now milliseconds since the epoch
   */
  End end(DirectoryBuilder records, long region, long now) throws IOException {
    DirectoryBuilder directory = new DirectoryBuilder(records.length() + 1024);
    PartList list = new PartList(Manifest.VERSION, group(records, directory));
    byte[] json = list.encode();
    CRC32 crc = new CRC32();
    crc.update(json);
    EntryHeader header =
        new EntryHeader(
            PartList.NAME.getBytes(StandardCharsets.UTF_8),
            ZipFormat.STORED,
            now,
            (int) crc.getValue(),
            json.length,
            json.length,
            false);
    ByteBuffer last = ByteBuffer.allocate(header.localLength() + json.length);
    header.encodeLocal(last);
    directory.add(header, region);
    return new End(last.put(json).flip(), directory, list);
  }

  private List<PartList.Part> group(DirectoryBuilder records, DirectoryBuilder into)
      throws BadZipException {
    int[][] places = placesByPart(records);
    List<MixedPart> sorted = new ArrayList<>(parts);
    sorted.sort(Comparator.comparing(MixedPart::archive));
    List<PartList.Part> listed = new ArrayList<>(sorted.size());
    ByteBuffer bytes = records.bytes();
    for (MixedPart part : sorted) {
      int start = into.length();
      int[] own = places[part.number()];
      for (int i = 0; i < own.length; i += 2) {
        into.addAll(bytes.slice(own[i], own[i + 1]), 1);
      }
      int length = into.length() - start;
      listed.add(part.listed(start, length, Crc32c.of(into.bytes().slice(start, length))));
    }
    return listed;
  }

  /** For each part place and length of its records, in their order. */
  private int[][] placesByPart(DirectoryBuilder records) throws BadZipException {
    int[][] places = new int[parts.size()][];
    for (MixedPart part : parts) {
      places[part.number()] = new int[2 * Math.toIntExact(part.entries())];
    }
    int[] filled = new int[parts.size()];
    DirectoryCursor record = new DirectoryCursor(records.bytes());
    for (int i = 0; record.next(); i++) {
      int part = partOf[i];
      places[part][filled[part]++] = record.at();
      places[part][filled[part]++] = record.length();
    }
    return places;
  }
}
