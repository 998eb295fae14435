package io.sheaf.disk;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * What a crash leaves of that which was not synced. One crash decides for one disk; its text is
 * enough to make it again.
 */
public abstract class Crash {
  static final Crash ALL_KEPT = new Pure("all-kept", true, true, true);

  /** The death of a process, which loses nothing. */
  public static final Crash OF_PROCESS = new Pure("process-death", true, true, true);

  private static final List<Crash> PURE =
      List.of(
          ALL_KEPT,
          new Pure("none-kept", false, false, false),
          new Pure("names-only", true, false, false),
          // Zeros are left for them.
          new Pure("no-contents", true, true, false),
          new Pure("no-names", false, true, true),
          new Pure("no-sizes", true, false, true));

  private final String text;

  Crash(String text) {
    this.text = text;
  }

  /** The power failures without chance in them: each kind of change kept or lost. */
  public static List<Crash> pure() {
    return PURE;
  }

  /** All operations are kept up to one, and none after it. */
  public static Crash prefix(int operation) {
    return new Prefix(operation, Integer.MAX_VALUE, "prefix:" + operation);
  }

  /** All operations are kept up to one, of which only sectors below a number are. */
  public static Crash torn(int operation, int sector) {
    return new Prefix(operation, sector, "torn:" + operation + ":" + sector);
  }

  /** All is kept but one operation. */
  public static Crash without(int operation) {
    return new One(operation, false, "without:" + operation);
  }

  /** Nothing is kept but one operation. */
  public static Crash only(int operation) {
    return new One(operation, true, "only:" + operation);
  }

  /** Any subset, by chance: names, sizes and sectors each for itself. */
  public static Crash random(long seed) {
    return new Chance(seed);
  }

  /** Reads the text of a crash. */
  public static Crash parse(String text) {
    String[] parts = text.split(":", -1);
    if (parts[0].equals("prefix") && parts.length == 2) {
      return prefix(Integer.parseInt(parts[1]));
    } else if (parts[0].equals("torn") && parts.length == 3) {
      return torn(Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
    } else if (parts[0].equals("without") && parts.length == 2) {
      return without(Integer.parseInt(parts[1]));
    } else if (parts[0].equals("only") && parts.length == 2) {
      return only(Integer.parseInt(parts[1]));
    } else if (parts[0].equals("random") && parts.length == 2) {
      return random(Long.parseLong(parts[1]));
    }
    return Stream.concat(Stream.of(OF_PROCESS), PURE.stream())
        .filter(crash -> crash.text.equals(text))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no crash: " + text));
  }

  abstract boolean keeps(NameChange change);

  /** The sizes that these changes of a file made are kept up to this many of them. */
  abstract int sizesKept(List<FileChange> changes);

  abstract boolean keeps(FileChange change, int sector);

  @Override
  public String toString() {
    return text;
  }

  private static final class Pure extends Crash {
    private final boolean names;
    private final boolean sizes;
    private final boolean contents;

    Pure(String text, boolean names, boolean sizes, boolean contents) {
      super(text);
      this.names = names;
      this.sizes = sizes;
      this.contents = contents;
    }

    @Override
    boolean keeps(NameChange change) {
      return names;
    }

    @Override
    int sizesKept(List<FileChange> changes) {
      return sizes ? changes.size() : 0;
    }

    @Override
    boolean keeps(FileChange change, int sector) {
      return contents;
    }
  }

  private static final class Prefix extends Crash {
    private final int last;
    private final int sectors;

    Prefix(int last, int sectors, String text) {
      super(text);
      this.last = last;
      this.sectors = sectors;
    }

    @Override
    boolean keeps(NameChange change) {
      return change.operation() <= last;
    }

    @Override
    int sizesKept(List<FileChange> changes) {
      return (int) changes.stream().filter(c -> c.operation() <= last).count();
    }

    @Override
    boolean keeps(FileChange change, int sector) {
      return change.operation() < last || (change.operation() == last && sector < sectors);
    }
  }

  private static final class One extends Crash {
    private final int operation;
    private final boolean kept;

    One(int operation, boolean kept, String text) {
      super(text);
      this.operation = operation;
      this.kept = kept;
    }

    @Override
    boolean keeps(NameChange change) {
      return (change.operation() == operation) == kept;
    }

    @Override
    int sizesKept(List<FileChange> changes) {
      // Those after the one that is lost are lost too, those before the one that is kept are kept.
      int before = (int) changes.stream().filter(c -> c.operation() < operation).count();
      boolean among = changes.stream().anyMatch(c -> c.operation() == operation);
      if (kept) {
        return among ? before + 1 : 0;
      }
      return among ? before : changes.size();
    }

    @Override
    boolean keeps(FileChange change, int sector) {
      return (change.operation() == operation) == kept;
    }
  }

  private static final class Chance extends Crash {
    private final SplittableRandom random;
    private final double names;
    private final double sectors;

    Chance(long seed) {
      super("random:" + seed);
      random = new SplittableRandom(seed);
      names = probability();
      sectors = probability();
    }

    private double probability() {
      double[] probabilities = {0, 0.1, 0.5, 0.9, 1};
      return probabilities[random.nextInt(probabilities.length)];
    }

    @Override
    boolean keeps(NameChange change) {
      return random.nextDouble() < names;
    }

    @Override
    int sizesKept(List<FileChange> changes) {
      int n = changes.size();
      return switch (random.nextInt(3)) {
        case 0 -> 0;
        case 1 -> n;
        default -> random.nextInt(n + 1);
      };
    }

    @Override
    boolean keeps(FileChange change, int sector) {
      return random.nextDouble() < sectors;
    }
  }
}
