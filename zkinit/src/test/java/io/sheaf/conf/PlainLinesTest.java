package io.sheaf.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlainLinesTest {
  @TempDir Path temp;

  private List<String> values(String text) throws IOException {
    Path file = Files.writeString(temp.resolve("plain.cfg"), text);
    return IniFile.readPlain(file).entries().stream()
        .map(e -> e.section() + "." + e.key() + "@" + e.line() + "<" + e.value() + ">")
        .toList();
  }

  @Test
  void takesAValueAsItStands() throws IOException {
    assertThat(
            values(
                """
                # comment
                [a] ; behind it
                  ; comment
                hash = w00f # x
                semi=x ; y
                quoted = "it" is
                colon : a=b:c
                slash = a\\b\\
                percent=100%%
                empty =
                key.with.dots = ${env:HOME}
                """))
        .containsExactly(
            "a.hash@4<w00f # x>",
            "a.semi@5<x ; y>",
            "a.quoted@6<\"it\" is>",
            "a.colon@7<a=b:c>",
            "a.slash@8<a\\b\\>",
            "a.percent@9<100%>",
            "a.empty@10<>",
            "a.key.with.dots@11<${env:HOME}>");
  }

  @Test
  void goesOnWithLinesThatAreIndentedFurther() throws IOException {
    assertThat(values("[a]\r\n  r = bob,\r\n     eve,\n\n     # x\n     kim\n\n  w = x\n[/b]\nr=y"))
        .containsExactly("a.r@2<bob,\neve,\n\nkim>", "a.w@8<x>", "/b.r@10<y>");
  }

  @Test
  void refusesSectionsThatComeTwiceInBothWaysOfReading() throws IOException {
    Path file = Files.writeString(temp.resolve("twice.conf"), "[worker]\n\n[session]\n[worker]\n");
    String message = file + ":4: [worker] is there twice, first in line 1: keep one";
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(() -> IniFile.read(file))
        .withMessage(message);
    assertThatExceptionOfType(ConfException.class)
        .isThrownBy(() -> IniFile.readPlain(file))
        .withMessage(message);
  }
}
