package io.sheaf.exec;

import io.sheaf.conf.ConfException;
import io.sheaf.conf.NodeNames;
import java.util.Map;

/**
 * Targets with places in them, as srun(1) has them in the names of its files: {@code %h} the host
 * (Slurm's name of the node, if there is one), {@code %p} number of this process, {@code %j}
 * Slurm's job ({@code nojob} outside of one), {@code %t} number of the task in it (0 outside),
 * {@code %%} a percent sign.
 */
public final class TargetTemplate {
  private TargetTemplate() {}

  /**
   * Fills in the values of this process.
   *
   * @throws ConfException when something else stands behind a percent sign
   */
  public static String expand(String template, Map<String, String> environment) {
    if (template.indexOf('%') < 0) {
      return template;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < template.length(); i++) {
      char c = template.charAt(i);
      if (c == '%') {
        i++;
        text.append(value(template, i < template.length() ? template.charAt(i) : ' ', environment));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  private static String value(String template, char place, Map<String, String> environment) {
    return switch (place) {
      case 'h' -> NodeNames.of(environment).getOrDefault("node", "localhost");
      case 'p' -> Long.toString(ProcessHandle.current().pid());
      case 'j' -> given(environment, "SLURM_JOB_ID", "nojob");
      case 't' -> given(environment, "SLURM_PROCID", "0");
      case '%' -> "%";
      default ->
          throw new ConfException(
              template
                  + ": behind a % may stand h (host), p (process), j (job), t (task) or another %");
    };
  }

  private static String given(Map<String, String> environment, String name, String otherwise) {
    String value = environment.getOrDefault(name, "");
    return value.isEmpty() ? otherwise : value.replace('/', '_');
  }
}
