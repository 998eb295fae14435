package io.sheaf.zkinit;

import java.util.Properties;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** ZooKeeper's server keeps some settings for the whole process: not for the next test, please. */
final class KeepsSystemProperties implements BeforeAllCallback, AfterAllCallback {
  private final Properties before = new Properties();

  @Override
  public void beforeAll(ExtensionContext context) {
    before.putAll(System.getProperties());
  }

  @Override
  public void afterAll(ExtensionContext context) {
    Properties again = new Properties();
    again.putAll(before);
    System.setProperties(again);
  }
}
