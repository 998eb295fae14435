package io.sheaf.zip;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class NameIndexTest {
  private static int add(DirectoryBuilder directory, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    int at = directory.length();
    directory.add(new EntryHeader(bytes, 0, 0, 0, 0, 0, false), 0);
    return at;
  }

  private static ByteBuffer bytes(String name) {
    return ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void findsEachOfManyNamesAndNoOther() {
    DirectoryBuilder directory = new DirectoryBuilder(0);
    List<Integer> places = new ArrayList<>();
    NameIndex index = new NameIndex(directory);
    for (int i = 0; i < 100_000; i++) {
      places.add(add(directory, "run-" + i % 10 + "/file-" + i));
      if (i % 1000 == 999) {
        index.update();
      }
    }
    assertThat(index.size()).isEqualTo(100_000);
    for (int i = 0; i < 100_000; i++) {
      String name = "run-" + i % 10 + "/file-" + i;
      assertThat(index.find(bytes(name))).isEqualTo(places.get(i));
      assertThat(index.find(bytes(name + "x"))).isEqualTo(NameIndex.NONE);
    }
    assertThat(new NameIndex(directory).size()).isEqualTo(100_000);
  }

  /** "Aa" and "BB" have one hash in every polynomial of 31, and so do their sequences. */
  @Test
  void namesOfOneHashAreToldApart() {
    List<String> names = List.of("");
    for (int i = 0; i < 10; i++) {
      names = names.stream().flatMap(n -> List.of(n + "Aa", n + "BB").stream()).toList();
    }
    DirectoryBuilder directory = new DirectoryBuilder(0);
    NameIndex index = new NameIndex(directory);
    List<Integer> places = names.stream().map(n -> add(directory, n)).toList();
    index.update();
    assertThat(index.size()).isEqualTo(1024);
    for (int i = 0; i < names.size(); i++) {
      assertThat(index.find(bytes(names.get(i)))).isEqualTo(places.get(i));
    }
  }

  @Test
  void ofEqualNamesTheFirstIsFound() {
    DirectoryBuilder directory = new DirectoryBuilder(0);
    add(directory, "other");
    int first = add(directory, "same");
    NameIndex index = new NameIndex(directory);
    add(directory, "same");
    index.update();
    assertThat(index.find(bytes("same"))).isEqualTo(first);
    assertThat(index.size()).isEqualTo(2);
  }

  @Property(tries = 100)
  void holdsTheSetOfNames(@ForAll List<String> names) {
    DirectoryBuilder directory = new DirectoryBuilder(0);
    NameIndex index = new NameIndex(directory);
    Set<ByteBuffer> model = new HashSet<>();
    for (String name : names) {
      assertThat(index.find(bytes(name)) != NameIndex.NONE).isEqualTo(model.contains(bytes(name)));
      add(directory, name);
      index.update();
      model.add(bytes(name));
    }
    assertThat(index.size()).isEqualTo(model.size());
  }
}
