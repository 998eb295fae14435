package io.sheaf.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code COMMAND OPERAND...} of the commands that a script runs for each file. To load the parser
 * of options takes longer than the deposit, and without an option there is nothing for it to do.
 */
final class PlainForm {
  private PlainForm() {}

  /** The command, with its operands; null when the line is one for the parser. */
  static @Nullable SheafCommand of(Context context, String... args) {
    if (args.length < 2) {
      return null;
    }
    List<String> operands = Arrays.asList(args).subList(1, args.length);
    SheafCommand command =
        operands.stream().anyMatch(PlainForm::isForTheParser) ? null : named(args[0], context);
    return command != null && command.takesPlain(operands) ? command : null;
  }

  /** Options, files with arguments, and what is nothing at all. */
  private static boolean isForTheParser(String operand) {
    return operand.isEmpty()
        || operand.charAt(0) == '@'
        || (operand.charAt(0) == '-' && operand.length() > 1);
  }

  private static @Nullable SheafCommand named(String name, Context context) {
    return switch (name) {
      case "put" -> new PutCommand(context);
      case "append" -> new AppendCommand(context);
      case "pickup" -> new PickupCommand(context);
      default -> null;
    };
  }

  /** Runs it; what the process ends with. */
  static int run(SheafCommand command, PrintWriter out, PrintWriter err) {
    command.printTo(out, err);
    try {
      return command.call();
    } catch (Exception e) {
      return new Failures(command.context).tell(e, err);
    }
  }
}
