import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;

/**
 * Gives the classes of one package in a jar the stack maps that class files have from Java 6 on.
 *
 * <p>picocli is published as class files of Java 5. A JVM verifies those slowly and refuses to put
 * them into a class archive, and they are most of what a short command loads: with stack maps
 * {@code sheaf --version} starts a quarter faster.
 *
 * <p>Arguments: the jar, and the start of the names of the classes.
 */
final class StackMaps {
  private StackMaps() {}

  public static void main(String[] args) throws IOException {
    Path jar = Path.of(args[0]);
    Path written = jar.resolveSibling(jar.getFileName() + ".maps");
    try (ZipFile in = new ZipFile(jar.toFile());
        OutputStream file = Files.newOutputStream(written);
        ZipOutputStream out = new ZipOutputStream(file)) {
      for (ZipEntry entry : Collections.list(in.entries())) {
        copy(in, entry, out, entry.getName().startsWith(args[1]));
      }
    }
    Files.move(written, jar, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void copy(ZipFile in, ZipEntry entry, ZipOutputStream out, boolean chosen)
      throws IOException {
    byte[] bytes;
    try (InputStream contents = in.getInputStream(entry)) {
      bytes = contents.readAllBytes();
    }
    if (chosen && entry.getName().endsWith(".class")) {
      bytes = withStackMaps(bytes);
    }
    ZipEntry copy = new ZipEntry(entry.getName());
    copy.setTime(entry.getTime());
    out.putNextEntry(copy);
    out.write(bytes);
    out.closeEntry();
  }

  private static byte[] withStackMaps(byte[] classFile) {
    ClassReader reader = new ClassReader(classFile);
    ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_FRAMES);
    reader.accept(new Newer(writer), ClassReader.SKIP_FRAMES);
    return writer.toByteArray();
  }

  /** The same class in the format of Java 8: methods in interfaces and no other news. */
  private static final class Newer extends ClassVisitor {
    Newer(ClassVisitor next) {
      super(Opcodes.ASM9, next);
    }

    @Override
    public void visit(
        int version, int access, String name, String signature, String parent, String[] types) {
      super.visit(
          Math.max(version, Opcodes.V1_8), access, name, signature, parent, types);
    }
  }
}
