package io.sheaf.worker;

import io.netty.buffer.ByteBuf;
import io.sheaf.batch.Target;
import io.sheaf.conf.Durability;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.Receipt;
import io.sheaf.zip.Attributes;
import io.sheaf.zip.DepositId;
import org.jspecify.annotations.Nullable;

/**
 * A request and its response. All fields belong to the connection's event loop, except for the
 * outcome of a deposit, which a thread of the lanes leaves here.
 */
final class Exchange implements Receipt {
  private final Connection connection;

  /** The client's. */
  final int uid;

  final boolean keepAlive;

  /** What a PUT asks for; null for other requests and for refused ones. */
  @Nullable Target target;

  long modified;
  @Nullable Durability durability;

  /** Mode and owner that the client gives; null when it gives none. */
  @Nullable Attributes attributes;

  /** Null when the deposit has no name. */
  @Nullable DepositId id;

  /** Announced length of the body, -1 for a chunked one. */
  long length;

  long received;
  boolean bodyComplete;
  boolean expectsContinue;

  /** The contents of a small deposit, released when it is done. */
  @Nullable ByteBuf contents;

  /** Bytes of contents charged to the memory budget while they are gathered. */
  long charged;

  /** Where a body goes that is not gathered. */
  @Nullable BodySink upload;

  /** What is answered when it is neither a line nor a plain 201. */
  @Nullable Reply reply;

  int status = DepositException.Kind.FAILED.status();
  String line = "";
  byte @Nullable [] json;

  private @Nullable DepositException failure;
  private volatile boolean done;

  Exchange(Connection connection, int uid, boolean keepAlive) {
    this.connection = connection;
    this.uid = uid;
    this.keepAlive = keepAlive;
  }

  @Override
  public void done(@Nullable DepositException reason) {
    if (!done) {
      failure = reason;
      done = true;
    }
  }

  @Override
  public void groupDone() {
    connection.wake();
  }

  /** Answers without a deposit, on the event loop. */
  void answer(int code, String text) {
    status = code;
    line = text;
    target = null;
    done = true;
  }

  /** Whoever takes the body has taken what was there. From any thread. */
  void relieved() {
    connection.uploadRelieved();
  }

  boolean isDone() {
    return done;
  }

  /** Appends the response. After {@link #isDone}. */
  void write(ByteBuf out, boolean stayOpen) {
    DepositException reason = failure;
    Reply whole = reply;
    if (whole != null) {
      Responses.write(out, whole, stayOpen);
    } else if (json != null) {
      Responses.json(out, json, stayOpen);
    } else if (reason != null) {
      String text = reason.getMessage();
      Responses.error(out, reason.kind().status(), text == null ? "" : text, stayOpen);
    } else if (target == null) {
      Responses.error(out, status, line, stayOpen);
    } else {
      Responses.created(out, stayOpen);
    }
  }

  void release() {
    ByteBuf held = contents;
    contents = null;
    if (held != null) {
      held.release();
    }
  }
}
