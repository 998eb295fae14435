package io.sheaf.deposit;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A deposit that was not taken. The message is one line; the kind says what to do. */
public sealed class DepositException extends IOException permits ConnectionLostException {
  private static final long serialVersionUID = 1;

  /** Why, with the status that the worker answers over HTTP. */
  public enum Kind {
    /** The request or its target is wrong; the same again fails again. */
    REFUSED(400),
    /** The entry is there already, or the file changed while it was read. */
    CONFLICT(409),
    /** Larger than {@code max_entry_bytes}; the same again fails again. */
    TOO_LARGE(413),
    /** The worker cannot take it; what is kept of it is unknown unless the message says. */
    FAILED(500),
    /** Not now: try again, or with another worker. */
    UNAVAILABLE(503),
    /** The filesystem is full or the quota used up; try again when there is room. */
    NO_SPACE(507);

    private final int status;

    Kind(int status) {
      this.status = status;
    }

    /** The HTTP status (RFC 9110, and RFC 4918 for 507). */
    public int status() {
      return status;
    }

    /** The kind for a status of a response that is not 2xx. */
    public static Kind ofStatus(int status) {
      for (Kind kind : values()) {
        if (kind.status == status) {
          return kind;
        }
      }
      return status >= 400 && status < 500 ? REFUSED : FAILED;
    }
  }

  private final Kind kind;

  public DepositException(Kind kind, String message) {
    this(kind, message, null);
  }

  public DepositException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
