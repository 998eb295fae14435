package io.sheaf;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.File;
import java.io.FileDescriptor;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The rooms of {@code docs/design.md}: who may import whom, and who may do what. */
class ImportRulesTest {
  /** From the ground up: a package may use those before it. The modules follow the same order. */
  private static final List<String> ORDER =
      List.of(
          "conf",
          "tree",
          "zkinit",
          "disk",
          "zip",
          "batch",
          "deposit",
          "nio",
          "logback",
          "spool",
          "worker",
          "archive",
          "adopt",
          "scavenge",
          "daemon",
          "session",
          "exec",
          "load",
          "cli");

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("io.sheaf");

  @TestFactory
  Stream<DynamicTest> aPackageImportsOnlyThoseBelowIt() {
    return ORDER.stream()
        .map(
            room ->
                DynamicTest.dynamicTest(
                    room,
                    () ->
                        check(
                            noClasses()
                                .that()
                                .resideInAPackage(in(room))
                                .should()
                                .dependOnClassesThat()
                                .resideInAnyPackage(above(room)))));
  }

  @Test
  void everyPackageHasItsPlaceInTheOrder() {
    check(
        classes()
            .should()
            .resideInAnyPackage(ORDER.stream().map(ImportRulesTest::in).toArray(String[]::new)));
  }

  @Test
  void theTreeKnowsNoFiles() {
    check(
        noClasses()
            .that()
            .resideInAPackage(in("tree"))
            .should()
            .dependOnClassesThat(resideInAPackage("java.nio.file..").or(equivalentTo(File.class))));
  }

  @Test
  void theArchiveKnowsNoZooKeeperAndOnlyTheRecordsOfTheTree() {
    check(
        noClasses()
            .that()
            .resideInAPackage(in("archive"))
            .should()
            .dependOnClassesThat(
                resideInAPackage("org.apache.zookeeper..")
                    .or(resideInAPackage("org.apache.curator.."))
                    .or(
                        resideInAPackage(in("tree"))
                            .and(describe("are no records", type -> !isValue(type))))));
  }

  @Test
  void onlyTheFilePortRenamesSyncsAndMapsFiles() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(in("disk"))
            .should()
            .callMethodWhere(describe("rename, sync or map files", ImportRulesTest::isDiskWork)));
  }

  /** What is in sheaf-client.jar; tar streams are the worker's. */
  @Test
  void theLibraryForJavaProgramsNeedsNoServer() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(
                in("disk"), in("zip"), in("batch"), in("deposit"), in("nio"), in("logback"))
            .and()
            .haveNameNotMatching("io[.]sheaf[.]deposit[.]Tar[A-Z].*")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "org.apache..", "com.github..", "picocli.."));
    check(
        noClasses()
            .that()
            .resideInAPackage(in("nio"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.fasterxml..", in("tree")));
  }

  /** They are for programs: a worker does not load them, nor needs Logback for its own log. */
  @Test
  void nothingNeedsTheFileSystemAndTheAppender() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(in("nio"), in("logback"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(in("nio"), in("logback")));
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(in("logback"), in("daemon"), in("cli"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ch.qos.logback.."));
  }

  @Test
  void everyPackageIsNullMarked() {
    assertThat(rooms())
        .allSatisfy(
            room ->
                assertThat(room.isAnnotatedWith(NullMarked.class))
                    .as("%s has a package-info.java with @NullMarked", room.getName())
                    .isTrue());
  }

  @Test
  void atLeastHalfOfTheTypesAreHidden() {
    List<JavaClass> types =
        MAIN.stream()
            .filter(type -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"))
            .toList();
    List<String> visible =
        types.stream()
            .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
            .map(JavaClass::getName)
            .sorted()
            .toList();

    assertThat(visible.size() * 2)
        .as("twice the public types of %d: %s", types.size(), visible)
        .isLessThanOrEqualTo(types.size());
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(MAIN);
  }

  private static String in(String room) {
    return "io.sheaf." + room + "..";
  }

  private static String[] above(String room) {
    return ORDER.stream()
        .skip(ORDER.indexOf(room) + 1L)
        .map(ImportRulesTest::in)
        .toArray(String[]::new);
  }

  private static Set<JavaPackage> rooms() {
    return MAIN.stream().map(JavaClass::getPackage).collect(Collectors.toUnmodifiableSet());
  }

  private static boolean isValue(JavaClass type) {
    return type.isRecord() || type.isEnum();
  }

  private static boolean isDiskWork(JavaCall<?> call) {
    JavaClass owner = call.getTargetOwner();
    return switch (call.getName()) {
      case "move" -> owner.isEquivalentTo(Files.class);
      case "renameTo" -> owner.isEquivalentTo(File.class);
      case "force" ->
          owner.isAssignableTo(FileChannel.class) || owner.isEquivalentTo(MappedByteBuffer.class);
      case "map" -> owner.isAssignableTo(FileChannel.class);
      case "sync" -> owner.isEquivalentTo(FileDescriptor.class);
      default -> false;
    };
  }
}
