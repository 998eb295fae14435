package io.sheaf.batch;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sheaf.tree.Manifest;
import io.sheaf.zip.BadZipException;
import java.io.IOException;

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
    if (manifest.version() > Manifest.VERSION) {
      throw new BadZipException(
          "the manifest is of version "
              + manifest.version()
              + ", this Sheaf reads "
              + Manifest.VERSION);
    }
    return manifest;
  }
}
