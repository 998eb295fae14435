package io.sheaf.conf;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/** Keeps {@link Credentials} as JSON in a file that only its owner can read. */
public final class CredentialsFile {
  private static final int VERSION = 1;
  private static final String QUORUM = "quorum";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private CredentialsFile() {}

  /**
   * Writes a new file of mode 0600; its contents are durable on return.
   *
   * @throws IOException when it exists already, whoever made it
   */
  public static void create(Path file, Credentials credentials) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(json(credentials)));
    try (SeekableByteChannel out =
        Files.newByteChannel(
            file,
            Set.of(
                StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SYNC),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
  }

  private static ObjectNode json(Credentials credentials) {
    ObjectNode json = JSON.createObjectNode().put("version", VERSION);
    for (Access access : Access.values()) {
      json.put(access.user(), credentials.password(access).reveal());
    }
    return json.put(QUORUM, credentials.quorum().reveal());
  }

  /**
   * Reads what {@link #create} wrote.
   *
   * @param origin of the reference, for messages
   * @throws ConfException when others may read it, it belongs to another user, or it is no such
   *     file
   */
  public static Credentials read(Path file, String origin) {
    JsonNode json = parse(file, origin);
    if (json.path("version").asInt() != VERSION) {
      throw damaged(file, origin);
    }
    Map<Access, Secret> passwords = new EnumMap<>(Access.class);
    for (Access access : Access.values()) {
      passwords.put(access, secret(json, access.user(), file, origin));
    }
    return new Credentials(passwords, secret(json, QUORUM, file, origin));
  }

  private static JsonNode parse(Path file, String origin) {
    try {
      Secrets.requireOwn(file, origin + ": the credentials file");
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JacksonException e) {
      // Its message quotes what it could not read, which may be a password.
      throw damaged(file, origin);
    } catch (IOException e) {
      throw new ConfException(origin + ": cannot read the credentials file " + file + ": " + e, e);
    }
  }

  private static Secret secret(JsonNode json, String field, Path file, String origin) {
    String text = json.path(field).asText();
    if (text.isEmpty()) {
      throw damaged(file, origin);
    }
    return new Secret(text);
  }

  private static ConfException damaged(Path file, String origin) {
    return new ConfException(
        origin
            + ": "
            + file
            + " is no credentials file of this version: give the one that the session's ZooKeeper"
            + " was started with");
  }
}
