package io.sheaf.batch;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sheaf.tree.Manifest;
import io.sheaf.zip.BadZipException;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The parts of a batch of several archives: the JSON that is its last entry, stored under {@link
 * #NAME}, since an archive comment has no room for thousands. The central directory has the records
 * of the parts one part after the other, in the order of this list, and last that of the list.
 *
 * @param version of this format, {@value Manifest#VERSION}
 */
record PartList(int version, List<Part> parts) {
  /** No archive may have a name under which an entry could be called so. */
  static final String NAME = ".sheaf/archives.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /**
   * What the batch holds of one archive.
   *
   * @param seq of the part, in the series of the worker for that archive
   * @param entries in the part
   * @param bytes of their contents, uncompressed
   * @param region length in bytes of their local headers and data
   * @param crc32c of these, one entry after the other in the order of the records
   * @param offset in the central directory at which its records begin
   * @param length of its records in bytes
   * @param directoryCrc CRC32C of its records
   */
  record Part(
      String archive,
      long seq,
      long entries,
      long bytes,
      long region,
      @JsonProperty("crc32c") int crc32c,
      long offset,
      long length,
      int directoryCrc) {}

  byte[] encode() throws IOException {
    return JSON.writeValueAsBytes(this);
  }

  /**
   * Reads the list of a batch.
   *
   * @param whole the manifest of the batch, whose numbers are the sums of those of the parts
   * @param directoryLength bytes of records that the list must divide up
   */
  static PartList decode(byte[] json, Manifest whole, long regionLength, long directoryLength)
      throws BadZipException {
    PartList list;
    try {
      list = JSON.readValue(json, PartList.class);
    } catch (IOException e) {
      throw new BadZipException("its list of archives cannot be read");
    }
    if (!isComplete(list)) {
      throw new BadZipException("its list of archives is not complete");
    }
    list.check(whole, regionLength, directoryLength);
    return list;
  }

  /** A field that is missing in the JSON is null or 0 here, whatever the types say. */
  @SuppressWarnings("ConstantValue")
  private static boolean isComplete(PartList list) {
    return list != null
        && list.version() == Manifest.VERSION
        && list.parts() != null
        && list.parts().stream().allMatch(PartList::isComplete);
  }

  @SuppressWarnings("ConstantValue")
  private static boolean isComplete(Part part) {
    return Objects.nonNull(part)
        && part.archive() != null
        && part.seq() >= 1
        && part.entries() >= 1
        && Math.min(Math.min(part.bytes(), part.region()), part.length()) >= 0;
  }

  private void check(Manifest whole, long regionLength, long directoryLength)
      throws BadZipException {
    Set<String> archives = new HashSet<>();
    long entries = 0;
    long region = 0;
    long records = 0;
    for (Part part : parts) {
      checkArchive(part.archive());
      if (!archives.add(part.archive()) || part.offset() != records) {
        throw new BadZipException("its list of archives contradicts itself");
      }
      entries += part.entries();
      region += part.region();
      records += part.length();
    }
    if (entries != whole.entries() || region != regionLength || records != directoryLength) {
      throw new BadZipException("its list of archives and its manifest disagree");
    }
  }

  private static void checkArchive(String archive) throws BadZipException {
    try {
      Target.checkArchive(archive);
    } catch (BadTargetException e) {
      throw new BadZipException("its list of archives has one that may not be: " + e.getMessage());
    }
  }
}
