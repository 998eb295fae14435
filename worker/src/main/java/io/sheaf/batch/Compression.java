package io.sheaf.batch;

import java.util.Locale;
import java.util.zip.Deflater;

/** How the contents of an entry are kept (APPNOTE 4.4.5). */
public enum Compression {
  STORED(0),
  DEFLATED(Deflater.DEFAULT_COMPRESSION),
  /** Deflated where that is worth it. */
  AUTO(Deflater.DEFAULT_COMPRESSION),
  DEFLATED_1(1),
  DEFLATED_2(2),
  DEFLATED_3(3),
  DEFLATED_4(4),
  DEFLATED_5(5),
  DEFLATED_6(6),
  DEFLATED_7(7),
  DEFLATED_8(8),
  DEFLATED_9(9);

  /** What readers have to undo is not worth less than this part of the bytes. */
  private static final int WORTH_PERCENT = 10;

  private final int level;

  Compression(int level) {
    this.level = level;
  }

  /** As settings name them: stored, deflated, deflated:1 to deflated:9, auto. */
  public static Compression of(String setting) {
    return valueOf(setting.toUpperCase(Locale.ROOT).replace(':', '_'));
  }

  /** Whether contents are deflated, if they shrink. */
  boolean deflates() {
    return this != STORED;
  }

  /** For a {@link Deflater}. */
  int level() {
    return level;
  }

  /** Whether deflated contents are kept so: when they are smaller, or enough smaller. */
  boolean isWorth(long deflated, long size) {
    return this == AUTO ? deflated * 100 <= size * (100 - WORTH_PERCENT) : deflated < size;
  }
}
