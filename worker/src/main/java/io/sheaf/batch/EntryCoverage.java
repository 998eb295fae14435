package io.sheaf.batch;

import io.sheaf.disk.DiskFile;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.LocalHeader;
import io.sheaf.zip.ZipFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Whether the entries of a directory lie one after the other, from the first byte to the last. */
final class EntryCoverage {
  /**
   * The extra fields that a local header of Sheaf's can have: part, timestamp, zip64. And none, as
   * Python writes it.
   */
  private static final Set<Long> EXTRA_LENGTHS = Set.of(0L, 16L, 16L + 9, 16L + 20, 16L + 9 + 20);

  private final DiskFile file;
  private final ByteBuffer directory;
  private final long region;
  private final LocalHeader local = new LocalHeader();

  EntryCoverage(DiskFile file, ByteBuffer directory, long region) {
    this.file = file;
    this.directory = directory;
    this.region = region;
  }

  /** An entry whose local header and data have at least that length. */
  private record Place(long offset, long least, long compressedSize) {}

  /** What is wrong, in one line; empty when nothing is. */
  String firstHole() throws IOException {
    List<Place> places = new ArrayList<>();
    DirectoryCursor entry = new DirectoryCursor(directory);
    while (entry.next()) {
      long least = ZipFormat.LOCAL_LENGTH + entry.nameLength() + entry.compressedSize();
      places.add(new Place(entry.offset(), least, entry.compressedSize()));
    }
    places.sort(Comparator.comparingLong(Place::offset));
    long at = 0;
    for (int i = 0; i < places.size(); i++) {
      Place place = places.get(i);
      if (place.offset() != at) {
        return "its bytes from " + Math.min(at, place.offset()) + " on are not those of one entry";
      }
      long next = i + 1 < places.size() ? places.get(i + 1).offset() : region;
      // The extra fields stand in the header only: it is read where their length is a strange one.
      at = EXTRA_LENGTHS.contains(next - at - place.least()) ? next : end(place);
    }
    return at == region ? "" : "its bytes from " + at + " on are of no entry";
  }

  private long end(Place place) throws IOException {
    LocalHeader.Found found = LocalHeaders.read(file, place.offset(), region, local);
    return found == LocalHeader.Found.HEADER
        ? place.offset() + local.length() + place.compressedSize()
        : place.offset();
  }
}
