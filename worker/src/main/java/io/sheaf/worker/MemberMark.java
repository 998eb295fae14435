package io.sheaf.worker;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Optional;

/** What stands in the file that a member keeps locked: whose it is. */
record MemberMark(String session, ProcessIdentity process) {
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  static MemberMark ofThis(String session) {
    return new MemberMark(session, ProcessIdentity.ofThis());
  }

  byte[] json() throws IOException {
    return JSON.writeValueAsBytes(this);
  }

  /** Empty for what its process had not written as a whole when it died. */
  static Optional<MemberMark> parse(byte[] json) {
    try {
      return Optional.ofNullable(JSON.readValue(json, MemberMark.class))
          .filter(MemberMark::isWhole);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private boolean isWhole() {
    return session != null
        && process != null
        && process.boot() != null
        && process.namespace() != null;
  }
}
