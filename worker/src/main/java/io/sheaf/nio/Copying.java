package io.sheaf.nio;

import io.sheaf.conf.Durability;
import io.sheaf.deposit.Confined;
import io.sheaf.deposit.DepositException;
import io.sheaf.deposit.EntryStat;
import io.sheaf.deposit.Owners;
import io.sheaf.deposit.PickupOptions;
import io.sheaf.zip.Attributes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Copies into archives, each file as one deposit with all that is known of it. */
final class Copying {
  private static final Opening REPLACING =
      Opening.of(
          Set.of(
              StandardOpenOption.WRITE,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING),
          true);

  private Copying() {}

  /** Between paths of this provider. */
  static void within(SheafPath source, SheafPath target, CopyOptions options) throws IOException {
    EntryStat stat = source.fs().entries().stat(source, options.follow());
    if (source.toAbsolutePath().normalize().equals(target.toAbsolutePath().normalize())) {
      return;
    }
    if (!options.replace()) {
      requireFree(target);
    }
    GivenAttributes given = new GivenAttributes();
    if (options.attributes()) {
      given.addAll(stat.attributes(), FileTime.fromMillis(stat.modified()));
    }
    if (stat.attributes().isDirectory()) {
      target.fs().writers().makeDirectory(target, given);
    } else if (stat.attributes().isSymlink()) {
      String link = source.fs().entries().linkTarget(source);
      target.fs().writers().makeLink(target, link, given);
    } else {
      try (InputStream in = source.fs().entries().contents(source, options.follow())) {
        stream(in, target, given);
      }
    }
  }

  private static void stream(InputStream in, SheafPath target, GivenAttributes given)
      throws IOException {
    EntryOutput out = target.fs().writers().open(target, REPLACING, given);
    boolean complete = false;
    try {
      long unused = in.transferTo(out);
      complete = true;
    } finally {
      if (!complete) {
        out.abort();
      }
    }
    out.close();
  }

  /** From this node's file system, with mode, time and owner. */
  static void from(Path source, SheafPath target, CopyOptions options) throws IOException {
    if (!options.replace()) {
      requireFree(target);
    }
    BasicFileAttributes found =
        Files.readAttributes(source, BasicFileAttributes.class, links(options));
    if (found.isSymbolicLink()) {
      GivenAttributes given = new GivenAttributes();
      given.addAll(attributes(source, options), found.lastModifiedTime());
      String link = Files.readSymbolicLink(source).toString();
      target.fs().writers().makeLink(target, link, given);
    } else if (found.isDirectory()) {
      GivenAttributes given = new GivenAttributes();
      given.addAll(attributes(source, options), found.lastModifiedTime());
      target.fs().writers().makeDirectory(target, given);
    } else {
      pickup(source, target, new PickupOptions(durability(target), false, rules(options)));
    }
  }

  private static LinkOption[] links(CopyOptions options) {
    return options.follow() ? new LinkOption[0] : new LinkOption[] {LinkOption.NOFOLLOW_LINKS};
  }

  private static Confined.Rules rules(CopyOptions options) {
    return options.follow() ? Confined.Rules.ANY : new Confined.Rules(false, true, true);
  }

  private static @Nullable Durability durability(SheafPath target) {
    return target.fs().mounting().durability();
  }

  /** Mode and owner; an owner who is this process's user goes without saying. */
  private static Attributes attributes(Path source, CopyOptions options) throws IOException {
    Map<String, Object> stat = Files.readAttributes(source, "unix:mode,uid,gid", links(options));
    Attributes mode = Attributes.of((Integer) get(stat, "mode"));
    int uid = (Integer) get(stat, "uid");
    return uid == Owners.self() ? mode : mode.withOwner(uid, (Integer) get(stat, "gid"));
  }

  private static Object get(Map<String, Object> stat, String name) {
    return Objects.requireNonNull(stat.get(name));
  }

  /** Deposits a file; it must not change meanwhile. */
  static void pickup(Path source, SheafPath target, PickupOptions options) throws IOException {
    Place place = Place.of(target);
    place.check(place.target());
    try {
      target.fs().depositor().pickup(source, place.target(), options);
    } catch (DepositException e) {
      throw Problems.of(target, e);
    }
  }

  static void requireFree(SheafPath target) throws IOException {
    try {
      EntryStat unused = target.fs().entries().stat(target, false);
    } catch (NoSuchFileException e) {
      return;
    }
    throw new FileAlreadyExistsException(target.toString());
  }
}
