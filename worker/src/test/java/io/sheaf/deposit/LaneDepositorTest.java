package io.sheaf.deposit;

/** Deposits within the process. */
final class LaneDepositorTest extends DepositorContract {
  @Override
  protected Depositor depositor(LanesFixture fixture) {
    return new LaneDepositor(fixture.lanes);
  }
}
