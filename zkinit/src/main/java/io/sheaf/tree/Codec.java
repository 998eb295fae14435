package io.sheaf.tree;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one encoder and decoder of a record: JSON in UTF-8 with a {@code version}. Fields that this
 * version does not know are ignored; a record of a newer version is refused.
 */
public final class Codec<T extends Record> {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  public static final Codec<SessionRecord> SESSION =
      new Codec<>(SessionRecord.class, SessionRecord.VERSION);
  public static final Codec<MemberRecord> MEMBER =
      new Codec<>(MemberRecord.class, MemberRecord.VERSION);
  public static final Codec<Manifest> MANIFEST = new Codec<>(Manifest.class, Manifest.VERSION);
  public static final Codec<PendingBatch> PENDING =
      new Codec<>(PendingBatch.class, PendingBatch.VERSION);
  public static final Codec<FailedBatch> FAILED =
      new Codec<>(FailedBatch.class, FailedBatch.VERSION);
  public static final Codec<StatsRecord> STATS =
      new Codec<>(StatsRecord.class, StatsRecord.VERSION);
  public static final Codec<UsageRecord> USAGE =
      new Codec<>(UsageRecord.class, UsageRecord.VERSION);
  public static final Codec<Roles> ROLES = new Codec<>(Roles.class, Roles.VERSION);

  static final Codec<ArchiveNode> ARCHIVE = new Codec<>(ArchiveNode.class, ArchiveNode.VERSION);

  private final Class<T> type;
  private final int version;
  private final List<String> required;

  private Codec(Class<T> type, int version) {
    this.type = type;
    this.version = version;
    this.required =
        Arrays.stream(type.getRecordComponents())
            .filter(component -> !isNullable(component))
            .map(RecordComponent::getName)
            .toList();
  }

  private static boolean isNullable(RecordComponent component) {
    return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
  }

  public byte[] encode(T record) {
    try {
      return JSON.writeValueAsBytes(record);
    } catch (JacksonException e) {
      throw new IllegalStateException("a record that is no JSON: " + type, e);
    }
  }

  /**
   * Reads what {@link #encode} wrote, in this version or an older one.
   *
   * @param where the bytes were read, for the message
   * @throws TreeDamagedException when they are no such record, or one of a newer version
   */
  public T decode(byte[] bytes, String where) {
    try {
      JsonNode node = JSON.readTree(bytes);
      check(node, where);
      return JSON.treeToValue(node, type);
    } catch (IOException e) {
      String reason = e instanceof JacksonException j ? j.getOriginalMessage() : e.getMessage();
      throw new TreeDamagedException(where + ": not a " + name() + ": " + reason, e);
    }
  }

  private void check(JsonNode node, String where) {
    if (node.path("version").asInt(0) > version) {
      throw new TreeDamagedException(
          where
              + ": a "
              + name()
              + " of version "
              + node.path("version").asInt()
              + ", and this Sheaf reads up to "
              + version
              + ": use the newer Sheaf",
          null);
    }
    for (String field : required) {
      if (!node.hasNonNull(field)) {
        throw new TreeDamagedException(where + ": not a " + name() + ": no " + field, null);
      }
    }
  }

  private String name() {
    return type.getSimpleName();
  }
}
