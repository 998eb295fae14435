package io.sheaf.worker;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.sheaf.batch.Target;
import io.sheaf.deposit.AppendStreams;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.DepositException.Kind;
import io.sheaf.deposit.Lanes;
import io.sheaf.deposit.LogRequest;
import io.sheaf.deposit.LogStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection. Requests that arrive in one read go to the lanes together, and answers
 * that are ready together leave in one write, in the order of the requests. Everything runs on the
 * connection's event loop except {@link #wake} and {@link #uploadRelieved}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Failures of a channel come to exceptionCaught.
final class Connection extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(Connection.class);

  /** A client has at most so many requests without an answer before it is not read any more. */
  private static final int MAX_PENDING = 1_024;

  /** Chunked bodies up to this size are gathered in memory, larger ones are uploads. */
  private static final int GATHER_UNKNOWN = 256 << 10;

  /** The rest of a refused body up to this size is read so that the connection can go on. */
  private static final long DISCARD = 1 << 20;

  private static final int LINGER_SECONDS = 5;

  private static final int PAUSE_PENDING = 1;
  private static final int PAUSE_MEMORY = 2;
  private static final int PAUSE_UPLOAD = 4;
  private static final int PAUSE_OUTPUT = 8;
  private static final int PAUSE_APPEND = 16;
  private static final int PAUSE_GATHER = 32;

  private final HttpDoor door;
  private final Lanes lanes;
  private final Channel channel;
  private final int uid;
  private final String refusal;
  private final Deque<Exchange> exchanges = new ArrayDeque<>();
  private final AtomicBoolean awake = new AtomicBoolean();
  private final Runnable answerTask = this::answer;
  private final Runnable gatheredTask = this::gathered;

  /** The request whose body is being read. */
  private @Nullable Exchange incoming;

  private int pauses;
  private boolean lastSeen;
  private boolean inputEnded;
  private boolean ending;

  /** Whether the body of an answer is on its way, before which no other may go. */
  private boolean sending;

  /** A client is being told how much of its log is safe. */
  private boolean telling;

  /**
   * @param uid of the client
   * @param refusal why it is served nothing; empty when it is served
   */
  Connection(HttpDoor door, Lanes lanes, Channel channel, int uid, String refusal) {
    this.door = door;
    this.lanes = lanes;
    this.channel = channel;
    this.uid = uid;
    this.refusal = refusal;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (!refusal.isEmpty()) { // Whoever may not come in must not stay in the door either.
      channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    // A request after one that closes the connection must not be served (RFC 9112, 9.6).
    if (ending || (lastSeen && incoming == null)) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof HttpRequest request) {
      head(request);
    }
    if (message instanceof HttpContent content) {
      body(content);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    lanes.kick();
    updatePauses();
  }

  private void head(HttpRequest request) {
    Exchange exchange = new Exchange(this, uid, refusal.isEmpty() && HttpUtil.isKeepAlive(request));
    exchanges.add(exchange);
    lastSeen = !exchange.keepAlive;
    incoming = exchange;
    if (request.decoderResult().isFailure()) {
      refuseMessage(exchange, request.decoderResult().cause());
      return;
    }
    exchange.length =
        HttpUtil.isTransferEncodingChunked(request) ? -1 : HttpUtil.getContentLength(request, 0L);
    if (refusal.isEmpty()) {
      door.router().route(request, exchange);
    } else {
      exchange.answer(Responses.FORBIDDEN, refusal);
    }
    LogRequest log = exchange.log;
    LogStream opened = log == null || exchange.isDone() ? null : open(log, exchange);
    if (exchange.isDone()) {
      wake();
    } else if (opened == null || !offerPipe(exchange, opened)) {
      proceedIfFirst();
    }
    if (opened != null && exchange.append != null) {
      exchange.append.takeOver(opened);
    }
    if (exchange.upload instanceof TarBody body && !exchange.isDone()) {
      body.takeOver(door, this, channel);
    }
  }

  /** Opens a log that the body of a request goes to; null when it is refused. */
  private @Nullable LogStream open(LogRequest request, Exchange exchange) {
    AppendBody body = new AppendBody(door, this, channel, exchange);
    try {
      LogStream opened = lanes.appends().open(request, body);
      exchange.append = body;
      return opened;
    } catch (DepositException e) {
      exchange.answer(e.kind().status(), String.valueOf(e.getMessage()));
      return null;
    }
  }

  /** Whether the client of a log goes on with a pipe. It must be the first to be answered. */
  private boolean offerPipe(Exchange exchange, LogStream opened) {
    AppendBody body = exchange.append;
    return exchange.wantsPipe
        && body != null
        && exchanges.peek() == exchange
        && body.offerPipe(opened);
  }

  /** The body of a request that appends cannot be read any further. */
  void refuseBody(Exchange exchange, DepositException reason) {
    exchange.length = -1;
    exchange.done(reason);
    wake();
  }

  /** The body of a request cannot be read any further, for what is in it. */
  void bodyBroken(Exchange exchange, String problem) {
    cutOff(exchange);
    refuseMessage(exchange, new IOException(problem));
  }

  /** Reads nothing for a moment, so that more has come then; but where memory is short at once. */
  void gather(long nanos) {
    if (lanes.memory().isOver()) {
      return;
    }
    set(PAUSE_GATHER, true);
    channel.config().setAutoRead(false);
    channel.eventLoop().schedule(gatheredTask, nanos, TimeUnit.NANOSECONDS);
  }

  private void gathered() {
    set(PAUSE_GATHER, false);
    channel.config().setAutoRead(pauses == 0);
    updatePauses();
  }

  /** A part of a body was read that does not come by the decoder of requests. */
  void bodyRead() {
    if (pauses == 0) {
      updatePauses();
    }
  }

  /** A body has been read that does not come by the decoder of requests. */
  void bodyComplete(Exchange exchange) {
    exchange.bodyComplete = true;
    incoming = null;
    pauseWithin(exchanges.size() >= MAX_PENDING);
  }

  /** Tells how much of a log is safe; false when that cannot be told now. */
  boolean tell(Exchange exchange, long offset, int entries) {
    // Whoever does not read is not told any more: nothing must pile up here.
    if (telling || ending || exchanges.peek() != exchange || !channel.isWritable()) {
      return false;
    }
    ByteBuf out = channel.alloc().directBuffer(128);
    Responses.progress(out, offset, entries);
    telling = true;
    channel.writeAndFlush(out).addListener(sent -> telling = false);
    return true;
  }

  /** After this the decoder finds no further request in what comes. */
  private void refuseMessage(Exchange exchange, Throwable cause) {
    exchange.length = -1;
    exchange.answer(
        Kind.REFUSED.status(),
        cause instanceof TooLongFrameException
            ? "the request line or a header is too long; an entry name can have "
                + Target.MAX_ENTRY_BYTES
                + " bytes"
            : "not a request that can be read: " + cause.getMessage());
    wake();
  }

  /** 100 Continue must not pass the answers to earlier requests (RFC 9110, 10.1.1). */
  private void proceedIfFirst() {
    Exchange first = exchanges.peek();
    if (first != null && first == incoming && first.expectsContinue && !first.isDone()) {
      first.expectsContinue = false;
      ByteBuf out = channel.alloc().directBuffer(64);
      Responses.proceed(out);
      channel.writeAndFlush(out, channel.voidPromise());
    }
  }

  private void body(HttpContent content) {
    Exchange exchange = incoming;
    if (exchange == null) {
      content.release();
      return;
    }
    exchange.expectsContinue &=
        !content.content().isReadable() && !(content instanceof LastHttpContent);
    exchange.received += content.content().readableBytes();
    if (content.decoderResult().isFailure()) {
      content.release();
      cutOff(exchange);
      refuseMessage(exchange, content.decoderResult().cause());
      return;
    }
    Target target = exchange.target;
    BodySink upload = exchange.upload;
    if (target == null || (upload != null && upload.isFailed())) {
      content.release();
    } else if (upload != null) {
      upload.offer(content.content());
      pauseWithin(upload.queued() >= Upload.HIGH || lanes.memory().isOver());
    } else {
      gather(exchange, target, content);
    }
    if (content instanceof LastHttpContent) {
      complete(exchange, target);
    }
  }

  private void gather(Exchange exchange, Target target, HttpContent content) {
    ByteBuf piece = content.content();
    ByteBuf gathered = exchange.contents;
    if (gathered == null && content instanceof LastHttpContent) {
      exchange.contents = piece;
      return;
    }
    if (mustStream(exchange)) {
      startUpload(exchange, target).offer(piece);
      return;
    }
    if (gathered == null) {
      gathered = channel.alloc().directBuffer(firstCapacity(exchange.length));
      exchange.contents = gathered;
    }
    gathered.writeBytes(piece);
    exchange.charged += piece.readableBytes();
    lanes.memory().charge(piece.readableBytes());
    piece.release();
  }

  private static int firstCapacity(long length) {
    return (int) Math.min(Math.max(length, 4 << 10), 64 << 10);
  }

  /** A body that has not arrived as a whole must not hold memory when there is little. */
  private boolean mustStream(Exchange exchange) {
    long known = exchange.length >= 0 ? exchange.length : exchange.received;
    long limit = exchange.length >= 0 ? Lanes.SMALL : GATHER_UNKNOWN;
    return known > limit || lanes.memory().isOver();
  }

  private Upload startUpload(Exchange exchange, Target target) {
    Upload upload = new Upload(lanes, door.slots(), this, exchange, target);
    exchange.upload = upload;
    ByteBuf gathered = exchange.contents;
    exchange.contents = null;
    if (gathered != null) {
      upload.offer(gathered);
      discharge(exchange);
    }
    door.slots().enter(upload);
    return upload;
  }

  private void discharge(Exchange exchange) {
    lanes.memory().release(exchange.charged);
    exchange.charged = 0;
  }

  private void complete(Exchange exchange, @Nullable Target target) {
    exchange.bodyComplete = true;
    incoming = null;
    pauseWithin(exchanges.size() >= MAX_PENDING);
    if (target == null) {
      return;
    }
    BodySink upload = exchange.upload;
    ByteBuf contents = exchange.contents;
    if (upload != null) {
      upload.complete();
    } else if (contents != null) {
      discharge(exchange);
      lanes.submit(
          target,
          uid,
          exchange.modified,
          exchange.attributes,
          exchange.id,
          contents.nioBuffer(),
          exchange.durability,
          exchange);
    }
  }

  /** The rest of the body will not come: nothing of the entry may stay. */
  private void cutOff(Exchange exchange) {
    BodySink upload = exchange.upload;
    AppendBody append = exchange.append;
    if (append != null) {
      append.cutOff();
    } else if (upload != null) {
      upload.abort();
      exchange.upload = null;
    } else {
      discharge(exchange);
      exchange.release();
    }
  }

  /** Has the answers written that are ready. From any thread. */
  void wake() {
    if (awake.compareAndSet(false, true)) {
      onLoop(answerTask);
    }
  }

  private void onLoop(Runnable task) {
    try {
      channel.eventLoop().execute(task);
    } catch (RejectedExecutionException e) {
      // The door has closed for good: nobody waits for the answer.
    }
  }

  private void answer() {
    awake.set(false);
    if (ending || !channel.isActive()) {
      releaseDone();
      return;
    }
    Exchange next = exchanges.peek();
    if (sending || next == null || !next.isDone()) {
      return;
    }
    ByteBuf out = channel.alloc().directBuffer(exchanges.size() * Responses.CREATED_LENGTH);
    boolean stay = true;
    while (stay && next != null && next.isDone()) {
      exchanges.remove();
      stay = staysOpen(next);
      next.write(out, stay);
      if (send(next, out, stay)) {
        return;
      }
      next.release();
      next = exchanges.peek();
    }
    if (stay) {
      channel.writeAndFlush(out, channel.voidPromise());
      proceedIfFirst();
    } else {
      end(out);
    }
    closeIfLeft();
    updatePauses();
  }

  /** Sends the body of an answer behind what is written; false when it has none, or it is there. */
  private boolean send(Exchange exchange, ByteBuf out, boolean stay) {
    Outgoing body = exchange.outgoing;
    if (body == null || exchange.headOnly) {
      return false;
    }
    sending = true;
    exchange.outgoing = null; // It closes itself now.
    channel.writeAndFlush(out, channel.voidPromise());
    body.start(channel, complete -> onLoop(() -> sent(complete && stay)));
    return true;
  }

  private void sent(boolean goOn) {
    sending = false;
    if (goOn) {
      answer();
      closeIfLeft();
      updatePauses();
    } else {
      end(Unpooled.EMPTY_BUFFER);
    }
  }

  /** Nobody is answered any more. */
  private void releaseDone() {
    for (Exchange next = exchanges.peek(); next != null && next.isDone(); ) {
      exchanges.remove();
      next.release();
      next = exchanges.peek();
    }
  }

  /** Whether the next request can be found after this one's body. */
  private static boolean staysOpen(Exchange exchange) {
    if (!exchange.keepAlive || exchange.expectsContinue) {
      return false;
    }
    boolean little = exchange.length >= 0 && exchange.length - exchange.received <= DISCARD;
    return exchange.bodyComplete || little;
  }

  /**
   * Sends the last answer, and reads on for a while: a client that is still sending would otherwise
   * get an error instead of the answer.
   */
  private void end(ByteBuf last) {
    ending = true;
    abandonAll();
    releaseDone();
    channel.writeAndFlush(last).addListener(sent -> shutdown());
    channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
  }

  private void shutdown() {
    if (inputEnded) {
      channel.close();
    } else {
      ((DuplexChannel) channel).shutdownOutput();
    }
  }

  /** Requests that will get no answer; deposits that were complete go on. */
  private void abandonAll() {
    Exchange open = incoming;
    incoming = null;
    if (open != null && !open.isDone()) {
      cutOff(open);
      exchanges.remove(open);
    }
  }

  /** A client may end its side and still wait for answers. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      inputEnded = true;
      if (ending) {
        channel.close();
        return;
      }
      abandonAll();
      lanes.kick();
      closeIfLeft();
    }
  }

  private void closeIfLeft() {
    if (inputEnded && exchanges.isEmpty() && !ending && !sending) {
      ending = true;
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    abandonAll();
    ending = true;
    door.closed(this);
    lanes.kick();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    updatePauses();
  }

  /** The upload has caught up, or ended. From any thread. */
  void uploadRelieved() {
    onLoop(this::updatePauses);
  }

  /** Whoever does not read the answers, or sends faster than the disk takes it, is not read. */
  private void updatePauses() {
    int before = pauses;
    set(PAUSE_PENDING, exchanges.size() >= limit(PAUSE_PENDING, MAX_PENDING));
    BodySink upload = incoming == null ? null : incoming.upload;
    AppendBody append = incoming == null ? null : incoming.append;
    set(PAUSE_UPLOAD, upload != null && !upload.isFailed() && upload.isBehind(high(before)));
    set(PAUSE_APPEND, append != null && append.isBehind(highOfLog(before)));
    set(PAUSE_OUTPUT, !channel.isWritable());
    if ((pauses & PAUSE_MEMORY) == 0
        && lanes.memory().isOver()
        && upload == null
        && append == null) {
      set(PAUSE_MEMORY, true);
      giveUpMemory();
      lanes.memory().whenRelieved(() -> onLoop(this::memoryRelieved));
    }
    if (ending) {
      pauses = 0;
    }
    if ((pauses == 0) != (before == 0)) {
      channel.config().setAutoRead(pauses == 0);
    }
  }

  /** With no memory left each has one piece on its way, or waiting for a slot, and no more. */
  private long high(int before) {
    if (lanes.memory().isOver()) {
      return 1;
    }
    return (before & PAUSE_UPLOAD) == 0 ? Upload.HIGH : Upload.LOW;
  }

  private long highOfLog(int before) {
    if (lanes.memory().isOver()) {
      return 1;
    }
    return (before & PAUSE_APPEND) == 0 ? AppendStreams.HIGH : AppendStreams.LOW;
  }

  /** Between the messages of one read, which may be thousands. */
  private void pauseWithin(boolean needed) {
    if (needed && pauses == 0) {
      updatePauses();
    }
  }

  private int limit(int pause, int high) {
    return (pauses & pause) == 0 ? high : high / 2;
  }

  /** Whoever waits for memory must hold none, or all could wait for each other. */
  private void giveUpMemory() {
    Exchange open = incoming;
    if (open != null && open.target != null && open.contents != null) {
      startUpload(open, open.target);
    }
  }

  private void memoryRelieved() {
    set(PAUSE_MEMORY, false);
    channel.config().setAutoRead(pauses == 0);
    updatePauses();
  }

  private void set(int pause, boolean on) {
    pauses = on ? pauses | pause : pauses & ~pause;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    log.debug("connection closed: {}", cause.toString());
    ctx.close();
  }

  void close() {
    channel.close();
  }
}
