package io.sheaf.batch;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sheaf.tree.Manifest;
import io.sheaf.zip.BadZipException;
import java.io.IOException;
import java.util.regex.Pattern;

/** The manifest as a batch carries it: JSON in the archive comment. */
final class ManifestComment {
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /** It names a znode and a key in the ledger; ours are {@code <host>-<pid>-<incarnation>}. */
  private static final Pattern WORKER = Pattern.compile("[^/\\p{Cntrl}]{1,255}");

  /** As many digits as {@link BatchName} reads. */
  private static final long MAX_SEQ = 999_999_999_999_999_999L;

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
    requireWhole(manifest);
    return manifest;
  }

  /** What is named after these must not fail later: then it would hold up the whole archive. */
  @SuppressWarnings("ConstantConditions") // What the JSON left out is null whatever the type says.
  private static void requireWhole(Manifest manifest) throws BadZipException {
    boolean named =
        manifest.id() != null
            && manifest.session() != null
            && manifest.archive() != null
            && manifest.worker() != null;
    if (!named || !WORKER.matcher(manifest.worker()).matches()) {
      throw new BadZipException("the manifest does not say whose batch this is");
    }
    if (manifest.seq() < 1
        || manifest.seq() > MAX_SEQ
        || manifest.entries() < 0
        || manifest.region() < 0) {
      throw new BadZipException("the manifest has a number that no batch has");
    }
  }
}
