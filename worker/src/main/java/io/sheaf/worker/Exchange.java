package io.sheaf.worker;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheaf.batch.Target;
import io.sheaf.conf.Durability;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.LogRequest;
import io.sheaf.deposit.Receipt;
import io.sheaf.zip.Attributes;
import io.sheaf.zip.DepositId;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A request and its response. All fields belong to the connection's event loop, except for the
 * outcome of a deposit, which a thread of the lanes leaves here.
 */
final class Exchange implements Receipt {
  private static final Target NO_ENTRY = new Target("", "");
  private static final ByteBuf END_OF_HEAD =
      Unpooled.unreleasableBuffer(Unpooled.copiedBuffer("\r\n\r\n", StandardCharsets.US_ASCII));

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

  /** The body of the answer, behind the reply, when it is sent piece by piece. */
  @Nullable Outgoing outgoing;

  /** Whether the answer has no body, though it tells of one (RFC 9110, 9.3.2). */
  boolean headOnly;

  /** What is answered when it is neither a line nor a plain 201. */
  @Nullable Reply reply;

  /** What a request that appends asks for. */
  @Nullable LogRequest log;

  /** Whether the client of a log would write it to a pipe. */
  boolean wantsPipe;

  /** The body of a request that appends. */
  @Nullable AppendBody append;

  /** Of a log: up to which offset it is safe, and how many entries it became; before it is done. */
  long offset;

  int entries;
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
      // A reply that was made up before says more than that it went well.
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

  /** Has the body that will come given to somebody else than the lanes. */
  void takeBody(BodySink sink) {
    target = NO_ENTRY;
    upload = sink;
  }

  /** Appends the response, without a body that is sent piece by piece. After {@link #isDone}. */
  void write(ByteBuf out, boolean stayOpen) {
    int start = out.writerIndex();
    writeWhole(out, stayOpen);
    if (headOnly) {
      int end = ByteBufUtil.indexOf(END_OF_HEAD, out.slice(start, out.writerIndex() - start));
      out.writerIndex(start + end + END_OF_HEAD.readableBytes());
    }
  }

  private void writeWhole(ByteBuf out, boolean stayOpen) {
    DepositException reason = failure;
    Reply whole = reply;
    Outgoing body = outgoing;
    if (append != null) {
      Responses.appended(out, reason, offset, entries, stayOpen);
    } else if (whole != null) {
      long length = body == null ? whole.body().length : body.size();
      Responses.write(out, whole, length, stayOpen);
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
    Outgoing body = outgoing;
    outgoing = null;
    if (body != null) {
      body.close();
    }
    ByteBuf held = contents;
    contents = null;
    if (held != null) {
      held.release();
    }
  }
}
