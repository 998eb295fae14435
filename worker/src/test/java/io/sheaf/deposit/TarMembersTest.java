package io.sheaf.deposit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What GNU tar writes, in each of its formats, is what the library alone finds in it. */
@Timeout(120)
final class TarMembersTest {
  private static final int SPARSE_END = 300_000;

  @TempDir Path directory;

  /** A member and its contents. */
  private record Found(TarMember member, int sum, int length) {}

  static Stream<List<String>> formats() {
    return Stream.of(
        List.of("--format=v7"),
        List.of("--format=oldgnu"),
        List.of("--format=gnu", "--sparse"),
        List.of("--format=ustar"),
        List.of("--format=posix"),
        List.of("--format=posix", "--sparse"),
        List.of("--format=posix", "--sparse", "--sparse-version=0.1"),
        List.of("--format=posix", "--pax-option=globexthdr.name=/g,comment=for all"));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void findsWhatTheLibraryFinds(List<String> format) throws Exception {
    byte[] tar = tar(format);
    List<Found> members = read(new ByteArrayInputStream(tar));
    assertThat(members).hasSizeGreaterThan(100).isEqualTo(byLibrary(tar));
    // Whatever arrives at a time.
    assertThat(read(new Dribble(tar, new Random(tar.length)))).isEqualTo(members);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void noticesWhereverItBreaksOff(List<String> format) throws Exception {
    byte[] tar = tar(format);
    int end = tar.length;
    while (tar[end - 1] == 0) {
      end--;
    }
    // The last member is an empty file: its header's last bytes are zeros too.
    int last = (end + 511) / 512 * 512;
    for (int cut = 512; cut <= last; cut += 512 * 7) {
      byte[] part = Arrays.copyOf(tar, cut);
      assertThatThrownBy(() -> read(new ByteArrayInputStream(part)))
          .as("cut at %d", cut)
          .isInstanceOf(IOException.class);
    }
    byte[] flipped = tar.clone();
    flipped[3] ^= 1;
    assertThatThrownBy(() -> read(new ByteArrayInputStream(flipped)))
        .isInstanceOf(IOException.class);
  }

  private byte[] tar(List<String> format) throws Exception {
    Path tree = Files.createDirectories(directory.resolve("tree"));
    Random random = new Random(1);
    for (int i = 0; i < 120; i++) {
      Path file = tree.resolve("d" + i % 7).resolve("f" + i);
      Files.createDirectories(file.getParent());
      byte[] contents = new byte[i == 7 ? 5 << 18 : random.nextInt(2_000)];
      random.nextBytes(contents);
      Files.write(file, contents);
    }
    Files.write(tree.resolve("none"), new byte[0]);
    if (!format.contains("--format=v7") && !format.contains("--format=ustar")) {
      String deep = "long/".repeat(40) + "name \u00e4\u65e5";
      Files.createDirectories(tree.resolve(deep).getParent());
      Files.writeString(tree.resolve(deep), "deep");
    }
    Files.createLink(tree.resolve("d0/z-hard"), tree.resolve("d0/f0"));
    Files.createSymbolicLink(tree.resolve("d0/soft"), Path.of("f0"));
    try (FileChannel sparse =
        FileChannel.open(
            tree.resolve("sparse"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      sparse.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), SPARSE_END);
    }
    List<String> command = new ArrayList<>(List.of("tar", "c", "--sort=name"));
    command.addAll(format);
    command.addAll(List.of("-f", directory.resolve("t.tar").toString(), "-C", tree + "", "."));
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put("LC_ALL", "C.UTF-8");
    try {
      assumeTrue(builder.start().waitFor() == 0, "tar does not know " + format);
    } catch (IOException e) {
      assumeTrue(false, "there is no tar: " + e.getMessage());
    }
    return Files.readAllBytes(directory.resolve("t.tar"));
  }

  private static List<Found> read(InputStream in) throws IOException {
    TarMembers members = new TarMembers(in, new SpareBlocks());
    List<Found> all = new ArrayList<>();
    for (TarMember member = members.next(); member != null; member = members.next()) {
      boolean empty = member.isHardLink() || member.isSymlink() || member.size() % 5 == 4;
      all.add(found(member, empty ? new byte[0] : contents(members, member)));
    }
    return all;
  }

  private static byte[] contents(TarMembers members, TarMember member) throws IOException {
    byte[] bytes = new byte[(int) member.size()];
    if (bytes.length <= Lanes.SMALL) {
      members.contents(member).get(bytes);
    } else {
      int done = members.read(bytes, 100);
      byte[] rest = new byte[bytes.length - 100];
      done += members.read(rest, rest.length);
      if (done < bytes.length) {
        throw new IOException("it ends after " + done);
      }
      System.arraycopy(rest, 0, bytes, 100, rest.length);
    }
    return bytes;
  }

  private static List<Found> byLibrary(byte[] tar) throws IOException {
    List<Found> all = new ArrayList<>();
    try (TarArchiveInputStream in =
        new TarArchiveInputStream(new ByteArrayInputStream(tar), StandardCharsets.UTF_8.name())) {
      for (TarArchiveEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
        TarMember member = TarMember.of(e, new TarPax(true, true));
        boolean empty = member.isHardLink() || member.isSymlink() || member.size() % 5 == 4;
        all.add(found(member, empty ? new byte[0] : in.readAllBytes()));
      }
    }
    return all;
  }

  private static Found found(TarMember member, byte[] contents) {
    return new Found(member, Arrays.hashCode(contents), contents.length);
  }

  /** A stream of which little arrives at a time. */
  private static final class Dribble extends ByteArrayInputStream {
    private final Random random;

    Dribble(byte[] bytes, Random random) {
      super(bytes);
      this.random = random;
    }

    @Override
    public synchronized int read(byte[] target, int offset, int length) {
      return super.read(target, offset, Math.min(length, 1 + random.nextInt(3_000)));
    }
  }
}
