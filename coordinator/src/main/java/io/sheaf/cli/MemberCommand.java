package io.sheaf.cli;

import io.sheaf.conf.Key;
import io.sheaf.conf.Keys;
import io.sheaf.conf.Settings;
import java.util.List;
import picocli.CommandLine.Option;

/** What the members of a session share: they create it or join it, and end with it. */
abstract class MemberCommand extends DaemonCommand {
  @Option(
      names = "--join",
      description =
          "Join a session that is there, with its parameters, whatever is set here for them.")
  boolean join;

  MemberCommand(Context context) {
    super(context);
  }

  @Override
  List<Key<?>> keys() {
    return KeyOptions.join(
        KeyOptions.SESSION,
        KeyOptions.section(spec.name()),
        KeyOptions.parameters(),
        KeyOptions.ZOOKEEPER,
        KeyOptions.DAEMON,
        KeyOptions.END);
  }

  @Override
  void check(Settings settings) {
    settings.get(Keys.SESSION);
  }
}
