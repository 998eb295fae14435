package io.sheaf.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies in pieces of any size. */
final class BodyDecoderTest {
  private static final long SEED = Long.getLong("sheaf.seed", 11);

  private static String decode(BodyDecoder decoder, byte[] body, Random random) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int at = 0; at < body.length && !decoder.isEnded(); ) {
      int n = Math.min(body.length - at, 1 + random.nextInt(40));
      ByteBuf in = PooledByteBufAllocator.DEFAULT.directBuffer();
      in.writeBytes(body, at, n);
      int start = in.readerIndex();
      int length = decoder.decode(in);
      byte[] contents = new byte[length];
      in.getBytes(start, contents);
      out.writeBytes(contents);
      at += in.readerIndex() - start;
      in.release();
    }
    return out.toString(StandardCharsets.ISO_8859_1);
  }

  @Test
  void findsTheContentsHoweverTheyAreRead() {
    Random random = new Random(SEED);
    for (int round = 0; round < 2_000; round++) {
      StringBuilder body = new StringBuilder();
      StringBuilder wanted = new StringBuilder();
      for (int chunk = random.nextInt(12); chunk > 0; chunk--) {
        byte[] bytes = new byte[1 + random.nextInt(60)];
        random.nextBytes(bytes);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        String extension = random.nextInt(4) == 0 ? ";a=b" : "";
        String end = random.nextInt(4) == 0 ? "\n" : "\r\n";
        body.append(Integer.toHexString(bytes.length)).append(extension).append(end);
        body.append(text).append(end);
        wanted.append(text);
      }
      body.append(random.nextBoolean() ? "0\r\n\r\n" : "00\r\nTrailer: x\r\n\r\n");
      int length = body.length();
      body.append("GET / HTTP/1.1");
      BodyDecoder decoder = BodyDecoder.chunked();
      String found = decode(decoder, body.toString().getBytes(StandardCharsets.ISO_8859_1), random);
      assertThat(found).as("seed %d, round %d", SEED, round).isEqualTo(wanted.toString());
      assertThat(decoder.isEnded()).isTrue();
      assertThat(length).isPositive();
    }
  }

  @Test
  void leavesWhatFollowsABodyOfKnownLength() {
    BodyDecoder decoder = BodyDecoder.ofLength(3);
    ByteBuf in = PooledByteBufAllocator.DEFAULT.directBuffer();
    in.writeCharSequence("abcGET", StandardCharsets.US_ASCII);
    assertThat(decoder.decode(in)).isEqualTo(3);
    assertThat(decoder.isEnded()).isTrue();
    assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("GET");
    in.release();
    assertThat(BodyDecoder.ofLength(0).isEnded()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\r\n", "g\r\n", "-1\r\n", "1\r\nab\r\n", "ffffffffffffffffff\r\n", " 1\r\n"})
  void refusesWhatIsNoChunk(String body) {
    BodyDecoder decoder = BodyDecoder.chunked();
    ByteBuf in = PooledByteBufAllocator.DEFAULT.directBuffer();
    in.writeCharSequence("2\r\nab\r\n" + body, StandardCharsets.US_ASCII);
    assertThat(decoder.decode(in)).isGreaterThanOrEqualTo(2);
    assertThat(decoder.problem()).isNotNull();
    in.release();
  }
}
