package io.sheaf.zip;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class NameIndexTest {
  private final DirectoryBuilder directory = new DirectoryBuilder(0);
  private final NameIndex.Names names =
      (record, name, from, to) -> directory.isNameAt((int) record, name, from, to);
  private final NameIndex index = new NameIndex(0);

  private int add(String name) throws IOException {
    byte[] bytes = bytes(name);
    int at = directory.length();
    directory.add(new EntryHeader(bytes, 0, 0, 0, 0, 0, false), 0);
    return index.add(names, bytes, 0, bytes.length, at);
  }

  private long find(String name) throws IOException {
    byte[] bytes = bytes("x" + name);
    return index.find(names, bytes, 1, bytes.length);
  }

  private static byte[] bytes(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }

  /** Of so many names some have the same 28 bits of hash. */
  @Test
  void findsEachOfManyNamesAndNoOther() throws IOException {
    List<Long> places = new ArrayList<>();
    for (int i = 0; i < 200_000; i++) {
      places.add((long) directory.length());
      add("run-" + i % 10 + "/file-" + i);
    }
    assertThat(index.size()).isEqualTo(200_000);
    for (int i = 0; i < 200_000; i++) {
      String name = "run-" + i % 10 + "/file-" + i;
      assertThat(find(name)).isEqualTo(places.get(i));
      assertThat(find(name + "x")).isEqualTo(NameIndex.NONE);
    }
    // Eight bytes a slot, and at least five sixteenths of the slots in use.
    assertThat(index.memory()).isLessThan(200_000 * 26);
  }

  @Test
  void ofEqualNamesTheFirstIsFoundUntilItIsMoved() throws IOException {
    add("other");
    long first = directory.length();
    assertThat(add("same")).isNotNegative();
    long second = directory.length();
    assertThat(add("same")).isEqualTo(-1);
    assertThat(find("same")).isEqualTo(first);
    assertThat(index.size()).isEqualTo(2);
    index.move(names, bytes("same"), 0, 4, second);
    assertThat(find("same")).isEqualTo(second);
    assertThat(index.size()).isEqualTo(2);
  }

  @Test
  void whatIsForgottenInReverseWasNeverThere() throws IOException {
    for (int i = 0; i < 40; i++) {
      add("stays " + i);
    }
    index.reserve(1_000);
    List<Integer> slots = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      slots.add(add("goes " + i));
    }
    for (int i = slots.size() - 1; i >= 0; i--) {
      index.forget(slots.get(i));
    }
    assertThat(index.size()).isEqualTo(40);
    for (int i = 0; i < 1_000; i++) {
      assertThat(find("goes " + i)).isEqualTo(NameIndex.NONE);
    }
    for (int i = 0; i < 40; i++) {
      assertThat(find("stays " + i)).isNotEqualTo(NameIndex.NONE);
    }
  }

  @Property(tries = 100)
  void holdsTheFirstOfEachName(@ForAll List<String> some) throws IOException {
    new NameIndexTest().checkFirsts(some);
  }

  private void checkFirsts(List<String> some) throws IOException {
    Map<String, Long> model = new HashMap<>();
    for (String name : some) {
      // Unpaired surrogates are all the same byte.
      String key = new String(bytes(name), StandardCharsets.UTF_8);
      assertThat(find(name)).isEqualTo(model.getOrDefault(key, NameIndex.NONE));
      model.putIfAbsent(key, (long) directory.length());
      add(name);
    }
    assertThat(index.size()).isEqualTo(model.size());
  }
}
