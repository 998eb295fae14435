package io.sheaf.deposit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.sheaf.zip.Attributes;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** Reads a worker's answer to {@code ?list}; members that it does not know are passed over. */
final class Listing {
  private static final JsonFactory JSON = new JsonFactory();

  private Listing() {}

  static List<EntryStat> read(InputStream in) throws IOException {
    List<EntryStat> entries = new ArrayList<>();
    try (JsonParser json = JSON.createParser(in)) {
      json.disable(JsonParser.Feature.AUTO_CLOSE_SOURCE);
      require(json.nextToken() == JsonToken.START_OBJECT);
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean known = json.currentName().equals("entries");
        JsonToken value = json.nextToken();
        if (known && value == JsonToken.START_ARRAY) {
          while (json.nextToken() == JsonToken.START_OBJECT) {
            entries.add(entry(json));
          }
        } else {
          json.skipChildren();
        }
      }
      require(json.currentToken() == JsonToken.END_OBJECT);
    }
    in.skipNBytes(in.available());
    return entries;
  }

  private static EntryStat entry(JsonParser json) throws IOException {
    String name = "";
    String mode = "";
    String owner = "";
    String state = "";
    long size = 0;
    long modified = 0;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String member = json.currentName();
      json.nextToken();
      switch (member) {
        case "name" -> name = json.getText();
        case "size" -> size = json.getLongValue();
        case "modified" -> modified = json.getLongValue();
        case "mode" -> mode = json.getText();
        case "owner" -> owner = json.getText();
        case "state" -> state = json.getText();
        default -> json.skipChildren();
      }
    }
    require(json.currentToken() == JsonToken.END_OBJECT && !name.isEmpty());
    return new EntryStat(name, size, modified, attributes(mode, owner), state);
  }

  /**
   * @param mode octal, as in {@link DepositHeaders#MODE}
   * @param owner as in {@link DepositHeaders#OWNER}; empty when it is not recorded
   */
  static Attributes attributes(String mode, String owner) throws IOException {
    try {
      Attributes plain = Attributes.of(Integer.parseInt(mode, 8));
      int colon = owner.indexOf(':');
      return owner.isEmpty()
          ? plain
          : plain.withOwner(
              Integer.parseUnsignedInt(owner.substring(0, Math.max(0, colon))),
              Integer.parseUnsignedInt(owner.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new IOException("not a mode and owner of a worker: " + mode + " " + owner, e);
    }
  }

  private static void require(boolean right) throws IOException {
    if (!right) {
      throw new IOException("a worker's list cannot be read");
    }
  }
}
