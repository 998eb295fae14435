package io.sheaf.deposit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a tar stream.
 *
 * @param entries that were taken
 * @param refused a line for each member that was refused, or for the first of many
 * @param refusals how many were refused
 * @param failure why the rest was not looked at; null when all was
 */
public record TarResult(
    long entries, List<String> refused, long refusals, @Nullable DepositException failure) {}
