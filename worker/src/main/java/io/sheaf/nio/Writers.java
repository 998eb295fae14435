package io.sheaf.nio;

import io.sheaf.conf.Durability;
import io.sheaf.deposit.AppendOptions;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositOptions;
import io.sheaf.deposit.EntryStat;
import io.sheaf.zip.Attributes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is being written in a file system. */
final class Writers {
  private static final int LINK_PERMISSIONS = 0777;

  private final SheafFileSystem fs;

  /** Under the lock on itself. */
  private final Set<EntryOutput> open = new HashSet<>();

  Writers(SheafFileSystem fs) {
    this.fs = fs;
  }

  /**
   * Begins an entry, or a log if it is opened for appending. What the options ask is looked at now;
   * between that and the close another may deposit the name, and then {@code duplicates} decides.
   */
  EntryOutput open(SheafPath path, Opening opening, GivenAttributes given) throws IOException {
    Place place = Place.of(path);
    place.check(place.target());
    if (!opening.isReplacing()) {
      checkName(path, place, opening);
    }
    EntryOutput output = opening.isAppend() ? append(place, opening) : entry(place, opening, given);
    boolean begun = false;
    try {
      register(path, output, opening.isNew());
      begun = true;
      return output;
    } finally {
      if (!begun) {
        output.abort();
      }
    }
  }

  private void checkName(SheafPath path, Place place, Opening opening) throws IOException {
    boolean there = fs.entries().findExplicit(place).isPresent();
    if (there && opening.isNew()) {
      throw new FileAlreadyExistsException(path.toString());
    }
    if (!there && opening.isThere()) {
      throw new NoSuchFileException(path.toString());
    }
    if (there && !opening.isTruncating()) {
      throw new UnsupportedOperationException(
          path + " is there, and an entry is written once: write to another name");
    }
  }

  private void register(SheafPath path, EntryOutput output, boolean alone) throws IOException {
    synchronized (open) {
      if (alone && open.stream().anyMatch(other -> other.isAt(output))) {
        throw new FileAlreadyExistsException(
            path.toString(), null, "it is being written to by another");
      }
      open.add(output);
    }
  }

  void ended(EntryOutput output) {
    synchronized (open) {
      open.remove(output);
    }
  }

  private EntryOutput entry(Place place, Opening opening, GivenAttributes given)
      throws IOException {
    return Problems.at(
        place.path(),
        () -> new DepositOutput(this, place, fs.depositor(), given, durability(opening)));
  }

  private EntryOutput append(Place place, Opening opening) throws IOException {
    AppendOptions options = AppendOptions.DEFAULT.withDurability(durability(opening));
    return Problems.at(
        place.path(),
        () -> new LogOutput(this, place, fs.depositor().append(place.target(), options)));
  }

  private @Nullable Durability durability(Opening opening) {
    return opening.isSynced() ? Durability.FSYNC : fs.mounting().durability();
  }

  void makeDirectory(SheafPath path, GivenAttributes given) throws IOException {
    Place place = Place.of(path);
    if (!place.isEntry()) {
      throw new FileAlreadyExistsException(path.toString());
    }
    make(place, place.slashed(), new byte[0], given.options(Attributes.DIRECTORY, 0755));
  }

  void makeLink(SheafPath path, String target, GivenAttributes given) throws IOException {
    Place place = Place.of(path);
    byte[] contents = target.getBytes(StandardCharsets.UTF_8);
    make(place, place.target(), contents, given.options(Attributes.SYMLINK, LINK_PERMISSIONS));
  }

  private void make(Place place, String target, byte[] contents, DepositOptions options)
      throws IOException {
    place.check(target);
    if (fs.entries().findExplicit(place).isPresent()) {
      throw new FileAlreadyExistsException(place.path().toString());
    }
    try {
      fs.depositor().deposit(target, contents, options.withDurability(fs.mounting().durability()));
    } catch (DepositException e) {
      throw Problems.of(place.path(), e);
    }
  }

  /**
   * Sets attributes of what is being written to a path, as long as they were not sent. An entry
   * that is there has them, or has others for ever.
   *
   * @throws UnsupportedOperationException when it has others
   */
  void change(SheafPath path, GivenAttributes change) throws IOException {
    Place place = Place.of(path);
    boolean taken = false;
    for (EntryOutput each : all()) {
      taken |= each.isAt(place) && each.change(change);
    }
    if (!taken && !fs.mounting().ignoreLate()) {
      EntryStat entry = fs.entries().stat(place.path(), false);
      if (!change.isOf(entry)) {
        throw new UnsupportedOperationException(
            path
                + " is in its archive, or on its way, and keeps its time, mode and owner: give them"
                + " before it is closed, or copy with SheafFiles.copy");
      }
    }
  }

  private List<EntryOutput> all() {
    synchronized (open) {
      return new ArrayList<>(open);
    }
  }

  void abortAll() {
    all().forEach(EntryOutput::abort);
  }
}
