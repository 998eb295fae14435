package io.sheaf.load;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * Makes files by chance. Their names are made by no other maker, whatever the seed: each has a part
 * that is drawn anew. For one thread.
 */
final class FileMaker {
  private static final int MIB = 1 << 20;

  /** Names that may be used again, so that it takes no more memory the longer it runs. */
  private static final int REMEMBERED = 4096;

  private static final int SUBDIRECTORIES = 16;

  private record Place(String archive, String entry) {}

  private final LoadPlan plan;
  private final Random random;
  private final String prefix;
  private final List<Place> used = new ArrayList<>();
  private long made;

  FileMaker(LoadPlan plan) {
    this.plan = plan;
    this.random = new Random(plan.seed());
    this.prefix = plan.name() + "/" + incarnation() + "/";
  }

  private static String incarnation() {
    byte[] bytes = new byte[6];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  LoadFile next() {
    boolean again = !used.isEmpty() && happens(plan.again());
    Place place = again ? used.get(random.nextInt(used.size())) : newPlace();
    byte[] contents = new byte[size()];
    random.nextBytes(contents);
    return new LoadFile(
        place.archive(), place.entry(), ByteBuffer.wrap(contents), happens(plan.streams()));
  }

  private boolean happens(double share) {
    return random.nextDouble() < share;
  }

  private Place newPlace() {
    long n = made++;
    Place place =
        new Place(
            "load-" + random.nextInt(plan.archives()) + ".zip",
            prefix + n % SUBDIRECTORIES + "/" + n + ".dat");
    if (used.size() < REMEMBERED) {
      used.add(place);
    } else {
      used.set(random.nextInt(REMEMBERED), place);
    }
    return place;
  }

  private int size() {
    return happens(plan.large())
        ? MIB + random.nextInt(2 * MIB)
        : plan.smallest() + random.nextInt(plan.largest() - plan.smallest() + 1);
  }
}
