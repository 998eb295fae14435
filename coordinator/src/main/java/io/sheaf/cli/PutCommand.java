package io.sheaf.cli;

import io.sheaf.conf.Durability;
import io.sheaf.deposit.Confined;
import io.sheaf.deposit.SocketDepositor;
import io.sheaf.session.BulkDeposit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** {@code sheaf put}. */
@Command(
    name = "put",
    customSynopsis = {
      "sheaf put [OPTIONS] FILE... TARGET",
      "       sheaf put [OPTIONS] --files-from LIST"
    },
    description = {
      "Deposits files with the worker of this node, with their modes and times.",
      "TARGET is ARCHIVE.zip/NAME, or ARCHIVE.zip/DIR/ with a slash at its end."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf put result.txt out.zip/run1/result.txt",
      "  sheaf put *.csv out.zip/run1/",
      "  sheaf put -R results out.zip/",
      "  hostname | sheaf put - out.zip/host",
      "  find . -type f -printf '%%p\\tout.zip/%%P\\n' | sheaf put --files-from -"
    })
final class PutCommand extends DepositCommand {
  PutCommand(Context context) {
    super(context);
  }

  @Override
  BulkDeposit open(SocketDepositor depositor, @Nullable Durability durability) {
    return new BulkDeposit(depositor, durability);
  }

  @Override
  boolean removes() {
    return false;
  }

  /** Whatever it is, the user has named it. */
  @Override
  Confined.Rules named() {
    return Confined.Rules.ANY;
  }

  @Override
  String done() {
    return "deposited";
  }
}
