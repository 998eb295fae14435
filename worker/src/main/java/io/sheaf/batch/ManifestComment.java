package io.sheaf.batch;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sheaf.tree.Manifest;
import io.sheaf.zip.BadZipException;
import java.io.IOException;
import java.util.Objects;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** The manifest as a batch carries it: JSON in the archive comment. */
final class ManifestComment {
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private ManifestComment() {}

  static byte[] encode(Manifest manifest) throws IOException {
    return JSON.writeValueAsBytes(manifest);
  }

  static Manifest decode(byte[] comment) throws BadZipException {
    Manifest manifest;
    try {
      manifest = JSON.readValue(comment, Manifest.class);
    } catch (IOException e) {
      throw new BadZipException("the archive comment holds no manifest");
    }
    if (manifest == null || !complete(manifest)) {
      throw new BadZipException("the archive comment holds no complete manifest");
    }
    if (manifest.version() > Manifest.VERSION) {
      throw new NewerManifestException(
          "the manifest is of version "
              + manifest.version()
              + ", this Sheaf reads "
              + Manifest.VERSION);
    }
    // Whose batch it is stands there twice: a flipped bit must not make it another's.
    if (!manifest
        .id()
        .equals(Manifest.idOf(manifest.worker(), manifest.seq(), manifest.archive()))) {
      throw new BadZipException("the manifest's id is not that of its worker, number and archive");
    }
    return manifest;
  }

  /** A field that is missing in the JSON is null or 0 here, whatever the types say. */
  @SuppressWarnings("ConstantValue")
  private static boolean complete(Manifest m) {
    return Stream.of(m.id(), m.session(), m.worker(), m.archive()).noneMatch(Objects::isNull)
        && m.version() >= Manifest.VERSION
        && BatchName.parse(new BatchName(m.worker(), m.seq()).file()).isPresent()
        && new BatchName(m.worker(), m.seq()).isSafe()
        && m.seq() >= 1
        && LongStream.of(m.entries(), m.bytes(), m.region(), m.opened(), m.closed())
            .allMatch(n -> n >= 0);
  }
}
