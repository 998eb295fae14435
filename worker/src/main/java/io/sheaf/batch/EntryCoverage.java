package io.sheaf.batch;

import io.sheaf.disk.DiskFile;
import io.sheaf.zip.DirectoryCursor;
import io.sheaf.zip.EntryHeader;
import io.sheaf.zip.LocalHeader;
import io.sheaf.zip.ZipFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Whether the entries of a directory lie one after the other, from the first byte to the last. */
final class EntryCoverage {
  /**
   * The lengths of the extra fields that a local header of Sheaf's can have beside the part's. And
   * none at all, as Python writes it.
   */
  private static final Set<Long> EXTRA_LENGTHS = extraLengths();

  private final DiskFile file;
  private final ByteBuffer directory;
  private final long region;
  private final LocalHeader local = new LocalHeader();

  private static Set<Long> extraLengths() {
    Set<Long> lengths = sums(16, EntryHeader.EXTRA_LENGTHS);
    lengths.add(0L);
    return lengths;
  }

  private static Set<Long> sums(long all, List<Integer> some) {
    Set<Long> sums = new HashSet<>(Set.of(all));
    for (int each : some) {
      Set.copyOf(sums).forEach(sum -> sums.add(sum + each));
    }
    return sums;
  }

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
