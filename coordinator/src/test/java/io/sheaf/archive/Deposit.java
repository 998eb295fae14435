package io.sheaf.archive;

import io.sheaf.zip.Attributes;
import io.sheaf.zip.DepositId;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** An entry that is deposited in a crash test, and what must become of it once acknowledged. */
final class Deposit {
  /** What becomes of an entry. */
  enum Fate {
    /** It is in its archive, once. */
    MERGED,
    /** It is nowhere: the policy says so, or it is a copy. */
    DROPPED,
    /** Its bytes are in quarantine, once, and not in the archive. */
    QUARANTINED,
    /** It begins an entry of its name, which may be longer: another deposit says how much. */
    GROWING
  }

  /** What the names of entries in zips of other programs begin with. */
  static final String FOREIGN = "zip ";

  private final String name;
  private final byte[] contents;
  private final Fate fate;
  private final String merged;
  private final @Nullable DepositId id;

  private Deposit(String name, byte[] contents, Fate fate, String merged, @Nullable DepositId id) {
    this.name = name;
    this.contents = contents;
    this.fate = fate;
    this.merged = merged;
    this.id = id;
  }

  /** An entry to be merged under its own name, of somewhat more than a sector. */
  static Deposit of(String name) {
    return of(name, name);
  }

  /**
   * @param text that begins the contents: equal texts, equal contents
   */
  static Deposit of(String name, String text) {
    return new Deposit(name, bytes(text, 520 + text.length() % 7 * 90), Fate.MERGED, name, null);
  }

  private static byte[] bytes(String text, int length) {
    byte[] bytes = new byte[length];
    new Random(text.hashCode()).nextBytes(bytes);
    byte[] beginning = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(beginning, 0, bytes, 0, Math.min(length, beginning.length));
    return bytes;
  }

  /**
   * A log as it is now.
   *
   * @param names of the entries that it may become, with a bar between them
   */
  static Deposit growing(String names, byte[] contents) {
    return new Deposit(names, contents, Fate.GROWING, names, null);
  }

  /** The same with so many bytes. */
  Deposit sized(int length) {
    return new Deposit(name, bytes(name, length), fate, merged, id);
  }

  /** The same, which gets another name in the archive. */
  Deposit as(String other) {
    return new Deposit(name, contents, fate, other, id);
  }

  /** The same, with an id. */
  Deposit named(String id) {
    return new Deposit(name, contents, fate, merged, DepositId.of(id));
  }

  @Nullable DepositId id() {
    return id;
  }

  /** Mode and owner, which follow from the name; those of many are plain. */
  Attributes attributes() {
    return switch (Math.floorMod(name.hashCode(), 4)) {
      case 0 -> Attributes.of(0100750);
      case 1 -> Attributes.of(0100600).withOwner(70_000, name.length());
      default -> Attributes.FILE;
    };
  }

  /**
   * Whether these may be the attributes of its entry. Python's zips say in the directory alone that
   * an entry has mode 0600: where that is lost, so is the mode.
   */
  boolean mayHave(Attributes found) {
    boolean foreign = name.startsWith(FOREIGN);
    return found.equals(foreign ? Attributes.of(0100600) : attributes())
        || (foreign && found.equals(Attributes.FILE));
  }

  Deposit dropped() {
    return new Deposit(name, contents, Fate.DROPPED, merged, id);
  }

  Deposit quarantined() {
    return new Deposit(name, contents, Fate.QUARANTINED, merged, id);
  }

  /** Under which it is deposited. */
  String name() {
    return name;
  }

  /** Not a copy: a test may spoil them. */
  byte[] contents() {
    return contents;
  }

  Fate fate() {
    return fate;
  }

  /** Under which it is in the archive. */
  String merged() {
    return merged;
  }
}
