package io.sheaf.deposit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheaf.batch.Target;
import io.sheaf.conf.Quota;
import io.sheaf.conf.QuotaRules;
import io.sheaf.deposit.DepositException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class QuotasTest {
  private static final String SELF = Quota.user(Owners.self());

  @TempDir Path directory;

  private static Quotas quotas(long bytes, long entries, Quota... more) {
    return new Quotas(new QuotaRules(bytes, entries, List.of(more)));
  }

  private LanesFixture lanes(Quotas quotas) throws IOException {
    return lanes(quotas, LanesFixture.OPTIONS);
  }

  private LanesFixture lanes(Quotas quotas, LaneOptions options) throws IOException {
    return new LanesFixture(directory.resolve("base"), options, quotas);
  }

  private static void put(LanesFixture fixture, String target, int bytes) throws IOException {
    new LaneDepositor(fixture.lanes).deposit(target, new byte[bytes], DepositOptions.DEFAULT);
  }

  private static void refuses(LanesFixture fixture, String target, int bytes, String quota) {
    assertThatThrownBy(() -> put(fixture, target, bytes))
        .isInstanceOfSatisfying(
            DepositException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NO_SPACE))
        .hasMessageContaining("quota of " + quota)
        .hasMessageContaining("uid " + Owners.self())
        .hasMessageNotContaining("\n");
  }

  @Test
  void takesWhatFitsAndNothingMore() throws IOException {
    try (LanesFixture fixture = lanes(quotas(10, 0))) {
      put(fixture, "a.zip/1", 6);
      refuses(fixture, "a.zip/2", 5, SELF);
      put(fixture, "b.zip/3", 4);
      put(fixture, "b.zip/empty", 0);
      refuses(fixture, "b.zip/4", 1, SELF);
      assertThat(fixture.contents()).containsOnlyKeys("a.zip/1", "b.zip/3", "b.zip/empty");
      assertThat(fixture.lanes.status().failed()).isEqualTo(2);
    }
  }

  @Test
  void holdsTheUsersQuotaAndTheArchives() throws IOException {
    Quotas quotas = quotas(0, 4, new Quota("logs/", 100, 2), new Quota("logs/a", 0, 1));
    try (LanesFixture fixture = lanes(quotas)) {
      put(fixture, "logs/a.zip/1", 1);
      refuses(fixture, "logs/a.zip/2", 1, "logs/a");
      refuses(fixture, "logs/b.zip/1", 101, "logs/");
      put(fixture, "logs/b.zip/1", 100);
      put(fixture, "x.zip/1", 1);
      put(fixture, "x.zip/2", 1);
      refuses(fixture, "x.zip/3", 1, SELF);
      // Refused by one, it has taken nothing of the other.
      assertThat(quotas.own())
          .containsEntry(SELF, new QuotaUse(103, 4))
          .containsEntry("logs/", new QuotaUse(100, 1))
          .containsEntry("logs/a", new QuotaUse(1, 1));
    }
  }

  @Test
  void countsEachUserAlone() throws Exception {
    Quotas quotas = quotas(0, 1);
    quotas.begin("a.zip", 1001, 5);
    assertThatThrownBy(() -> quotas.begin("a.zip", 1001, 5)).hasMessageContaining("uid:1001");
    assertThatCode(() -> quotas.begin("a.zip", 1002, 5)).doesNotThrowAnyException();
    assertThatThrownBy(() -> quotas.check("a.zip", 1002, 0)).hasMessageContaining("uid:1002");
  }

  @Test
  void cutsAStreamThatPassesItAndKeepsNothingOfIt() throws IOException {
    Quotas quotas = quotas(3_000_000, 0);
    try (LanesFixture fixture = lanes(quotas)) {
      Depositor to = new LaneDepositor(fixture.lanes);
      put(fixture, "a.zip/first", 10);
      DepositStream stream = to.open("a.zip/endless", DepositOptions.DEFAULT);
      AtomicInteger written = new AtomicInteger();
      assertThatThrownBy(
              () -> {
                for (; written.get() < 100; written.incrementAndGet()) {
                  stream.write(new byte[100_000]);
                }
              })
          .hasMessageContaining("quota of " + SELF);
      assertThat(written.get()).isBetween(28, 30);
      assertThat(quotas.own()).containsEntry(SELF, new QuotaUse(10, 1));
      put(fixture, "a.zip/last", 2_999_990);
      assertThat(fixture.contents()).containsOnlyKeys("a.zip/first", "a.zip/last");
    }
  }

  @Test
  void givesBackWhatIsGivenUp() throws IOException {
    Quotas quotas = quotas(0, 1);
    try (LanesFixture fixture = lanes(quotas)) {
      DepositStream stream =
          new LaneDepositor(fixture.lanes).open("a.zip/x", DepositOptions.DEFAULT.withSize(7));
      stream.write(new byte[3]);
      assertThat(quotas.own()).containsEntry(SELF, new QuotaUse(7, 1));
      refuses(fixture, "a.zip/y", 1, SELF);
      stream.abort();
      put(fixture, "a.zip/y", 1);
      assertThat(fixture.contents()).containsOnlyKeys("a.zip/y");
    }
  }

  @Test
  void givesBackWhatIsThereAlready() throws IOException {
    Quotas quotas = quotas(0, 2);
    try (LanesFixture fixture = lanes(quotas, LanesFixture.options(64, 0, true))) {
      put(fixture, "a.zip/x", 1);
      assertThatThrownBy(() -> put(fixture, "a.zip/x", 1)).hasMessageContaining("duplicates=error");
      put(fixture, "a.zip/y", 1);
      assertThat(quotas.own()).containsEntry(SELF, new QuotaUse(2, 2));
    }
  }

  @Test
  void countsWhatWasTakenElsewhere() throws IOException {
    Quotas quotas = quotas(100, 0);
    quotas.elsewhere(Map.of(SELF, new QuotaUse(90, 1)));
    try (LanesFixture fixture = lanes(quotas)) {
      put(fixture, "a.zip/1", 10);
      refuses(fixture, "a.zip/2", 1, SELF);
      quotas.elsewhere(Map.of(SELF, new QuotaUse(Long.MAX_VALUE, Long.MAX_VALUE)));
      refuses(fixture, "a.zip/2", 1, SELF);
      quotas.elsewhere(Map.of(SELF, new QuotaUse(-5, -5)));
      put(fixture, "a.zip/2", 90);
      assertThat(quotas.states()).hasSize(1).allMatch(s -> s.bytes() == 100 && s.maxBytes() == 100);
    }
  }

  @Test
  void takesExactlyAsManyAsItMayFromMany() throws Exception {
    int limit = 1_000;
    try (LanesFixture fixture = lanes(quotas(0, limit))) {
      AtomicInteger taken = new AtomicInteger();
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        String prefix = "a" + t + ".zip/";
        Thread thread = new Thread(() -> flood(fixture, prefix, limit / 2, taken));
        threads.add(thread);
        thread.start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(fixture.lanes.awaitQuiet(Duration.ofSeconds(30))).isTrue();
      assertThat(fixture.contents()).hasSize(limit);
      assertThat(taken.get()).isEqualTo(limit);
    }
  }

  private static void flood(LanesFixture fixture, String prefix, int n, AtomicInteger taken) {
    for (int i = 0; i < n; i++) {
      Target target = new Target(prefix.substring(0, prefix.length() - 1), Integer.toString(i));
      fixture.lanes.submit(
          target,
          DepositOptions.NOW,
          ByteBuffer.allocate(1),
          null,
          failure -> {
            if (failure == null) {
              taken.incrementAndGet();
            }
          });
    }
    fixture.lanes.kick();
  }
}
