package io.sheaf.deposit;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Syncs the append logs for the streams that wait for it, on one thread: all that was written while
 * one sync went on waits for the next.
 */
final class AppendSyncer implements Runnable {
  private static final Logger logger = LoggerFactory.getLogger(AppendSyncer.class);

  /** What a sync that failed leads to, done by the writer's thread. */
  interface GivingUp {
    CompletableFuture<Void> giveUp(AppendLog broken, IOException reason);
  }

  private final AppendLogs logs;
  private final GivingUp givingUp;

  /** How far each stream is written. */
  private Map<LogStream, Long> wanted = new LinkedHashMap<>();

  private boolean closed;

  AppendSyncer(AppendLogs logs, GivingUp givingUp) {
    this.logs = logs;
    this.givingUp = givingUp;
  }

  /** A stream is written so far, and wants it synced. */
  synchronized void want(LogStream stream, long offset) {
    wanted.put(stream, offset);
    notifyAll();
  }

  @Override
  public void run() {
    try {
      for (Map<LogStream, Long> now = take(); !now.isEmpty(); now = take()) {
        sync(now);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized Map<LogStream, Long> take() throws InterruptedException {
    while (wanted.isEmpty() && !closed) {
      wait();
    }
    return swap();
  }

  private synchronized Map<LogStream, Long> swap() {
    Map<LogStream, Long> now = wanted;
    wanted = new LinkedHashMap<>();
    return closed ? Map.of() : now;
  }

  /** Does what is wanted now, on the caller's thread. */
  void drain() {
    for (Map<LogStream, Long> now = swap(); !now.isEmpty(); now = swap()) {
      sync(now);
    }
  }

  private void sync(Map<LogStream, Long> streams) {
    boolean whole = true;
    for (AppendLog log : logs.all()) {
      if (log.unsynced) {
        // Before the sync: what is written meanwhile is not in it.
        log.unsynced = false;
        whole &= synced(log);
      }
    }
    if (whole) {
      streams.forEach(LogStream::synced);
    } else {
      // Those with something in the broken log have been told; the others are told next time.
      streams.forEach(this::wantAgain);
    }
  }

  private synchronized void wantAgain(LogStream stream, long offset) {
    if (!stream.hasFailed()) {
      wanted.merge(stream, offset, Math::max);
    }
  }

  private boolean synced(AppendLog log) {
    try {
      log.sync();
      return true;
    } catch (IOException e) {
      logger.error("appends could not be synced: {}", e.getMessage());
      try {
        givingUp.giveUp(log, e).join();
      } catch (CompletionException stopped) {
        logger.warn("the worker stops", stopped);
      }
      return false;
    }
  }

  synchronized void close() {
    closed = true;
    notifyAll();
  }
}
