package io.sheaf.cli;

import io.sheaf.conf.Durability;
import io.sheaf.deposit.Confined;
import io.sheaf.deposit.SocketDepositor;
import io.sheaf.session.BulkDeposit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code sheaf pickup}. It reads the files itself, with this user's rights and what this process
 * can see, many at a time; {@code POST /_pickup} has the worker read one.
 */
@Command(
    name = "pickup",
    customSynopsis = {
      "sheaf pickup [OPTIONS] FILE... TARGET",
      "       sheaf pickup [OPTIONS] --files-from LIST"
    },
    description = {
      "Deposits files that other programs wrote, and removes each once its entry is synced.",
      "TARGET is ARCHIVE.zip/NAME, or ARCHIVE.zip/DIR/ with a slash at its end. A file that was not"
          + " deposited, or was written to meanwhile, stays, is named, and the status is 1. Links,"
          + " other users' files and hard links are refused; directories stay."
    },
    footer = {
      "",
      "Examples:",
      "  sheaf pickup result.dat out.zip/run1/result.dat",
      "  sheaf pickup *.csv out.zip/run1/",
      "  sheaf pickup -R results --only '**/*.dat' out.zip/"
    })
final class PickupCommand extends DepositCommand {
  @Option(names = "--keep", description = "Leave the files where they are.")
  private boolean keep;

  PickupCommand(Context context) {
    super(context);
  }

  @Override
  BulkDeposit open(SocketDepositor depositor, @Nullable Durability durability) {
    return keep ? new BulkDeposit(depositor, durability) : BulkDeposit.removing(depositor);
  }

  @Override
  boolean removes() {
    return true;
  }

  @Override
  Confined.Rules named() {
    return rules();
  }

  @Override
  String done() {
    return "picked up";
  }
}
