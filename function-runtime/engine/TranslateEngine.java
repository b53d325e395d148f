import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.commons.CodeSizeEvaluator;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.VarInsnNode;
import run.endive.build.time.compiler.Config;
import run.endive.build.time.compiler.Generator;
import run.endive.compiler.InterpreterFallback;

/**
 * Translates the engine's WebAssembly to classes when the project is built, and makes them fit HotSpot's compilers: those
 * skip methods above 8,000 bytes of bytecode, and stop inlining once a method and what it inlines are above that. So
 *
 * <ul>
 *   <li>an access to memory becomes one call of {@code SandboxMemory} instead of three of Endive's,
 *   <li>the stack pointer is a field of the memory instead of a boxed global of the instance,
 *   <li>comparisons that a branch follows become that branch,
 *   <li>interrupts are asked for at every turn of a loop, and not at every call as well: without a loop, a guest ends by itself.
 * </ul>
 *
 * The build fails if a method that runs while guests run is above the limit. Arguments: the module, the folder for classes,
 * the folder for sources.
 */
final class TranslateEngine {

    private static final String PACKAGE = "io/logicdistillation/runtime/";
    private static final String MEMORY = PACKAGE + "SandboxMemory";
    private static final String MEMORY_TYPE = "Lrun/endive/runtime/Memory;";
    private static final String SHADED = PACKAGE + "QuickJsModuleMachineShaded";
    private static final int LONGEST_COMPILED = 8_000;
    /** Parser and bytecode writer, which run once per source, and the C library's printf. */
    private static final int ALLOWED_LARGE_METHODS = 10;

    private static final Map<String, Integer> INT_COMPARISONS = Map.of(
            "I32_EQ", Opcodes.IF_ICMPEQ,
            "I32_NE", Opcodes.IF_ICMPNE,
            "I32_LT_S", Opcodes.IF_ICMPLT,
            "I32_GT_S", Opcodes.IF_ICMPGT,
            "I32_LE_S", Opcodes.IF_ICMPLE,
            "I32_GE_S", Opcodes.IF_ICMPGE);
    private static final Map<String, Integer> LONG_COMPARISONS = Map.of(
            "I64_EQ", Opcodes.IFEQ,
            "I64_NE", Opcodes.IFNE,
            "I64_LT_S", Opcodes.IFLT,
            "I64_GT_S", Opcodes.IFGT,
            "I64_LE_S", Opcodes.IFLE,
            "I64_GE_S", Opcodes.IFGE);
    private static final Map<Integer, Integer> OPPOSITES = Map.ofEntries(
            Map.entry(Opcodes.IF_ICMPEQ, Opcodes.IF_ICMPNE),
            Map.entry(Opcodes.IF_ICMPNE, Opcodes.IF_ICMPEQ),
            Map.entry(Opcodes.IF_ICMPLT, Opcodes.IF_ICMPGE),
            Map.entry(Opcodes.IF_ICMPGE, Opcodes.IF_ICMPLT),
            Map.entry(Opcodes.IF_ICMPGT, Opcodes.IF_ICMPLE),
            Map.entry(Opcodes.IF_ICMPLE, Opcodes.IF_ICMPGT),
            Map.entry(Opcodes.IFEQ, Opcodes.IFNE),
            Map.entry(Opcodes.IFNE, Opcodes.IFEQ),
            Map.entry(Opcodes.IFLT, Opcodes.IFGE),
            Map.entry(Opcodes.IFGE, Opcodes.IFLT),
            Map.entry(Opcodes.IFGT, Opcodes.IFLE),
            Map.entry(Opcodes.IFLE, Opcodes.IFGT));

    private TranslateEngine() {}

    public static void main(String[] arguments) throws IOException {
        Path module = Path.of(arguments[0]);
        Path classes = Path.of(arguments[1]);
        requireHash(module);
        Generator generator = new Generator(Config.builder()
                .withWasmFile(module)
                .withName("io.logicdistillation.runtime.QuickJsModule")
                .withTargetClassFolder(classes)
                .withTargetWasmFolder(classes)
                .withTargetSourceFolder(Path.of(arguments[2]))
                .withInterpreterFallback(InterpreterFallback.FAIL)
                .build());
        Set<Integer> interpreted = generator.generateResources();
        generator.generateSources();
        generator.generateMetaWasm(interpreted);
        List<String> large = new ArrayList<>();
        try (Stream<Path> files = Files.list(classes.resolve(PACKAGE))) {
            for (Path file : files.filter(path -> path.getFileName().toString().matches("QuickJsModuleMachine(FuncGroup.*)?\\.class"))
                    .sorted()
                    .toList()) {
                large.addAll(rewrite(file));
            }
        }
        if (large.size() > ALLOWED_LARGE_METHODS) {
            throw new IllegalStateException("too many methods that HotSpot will not compile: " + large);
        }
    }

    /** The module must be the one that its builder wrote. */
    private static void requireHash(Path module) throws IOException {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(module));
            String recorded = Files.readString(module.resolveSibling(module.getFileName() + ".sha256"));
            if (!recorded.startsWith(HexFormat.of().formatHex(digest) + " ")) {
                throw new IllegalStateException(module + " is not the one whose hash is recorded beside it");
            }
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static List<String> rewrite(Path file) throws IOException {
        ClassNode type = new ClassNode();
        new ClassReader(Files.readAllBytes(file)).accept(type, 0);
        List<String> large = new ArrayList<>();
        for (MethodNode method : type.methods) {
            for (AbstractInsnNode instruction : method.instructions.toArray()) {
                if (instruction instanceof MethodInsnNode call) {
                    rewrite(method.instructions, call);
                }
            }
            CodeSizeEvaluator size = new CodeSizeEvaluator(null);
            method.accept(size);
            if (size.getMaxSize() > LONGEST_COMPILED) {
                large.add(method.name + " " + size.getMaxSize());
            }
        }
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        type.accept(writer);
        Files.write(file, writer.toByteArray());
        return large;
    }

    private static void rewrite(InsnList code, MethodInsnNode call) {
        if (call.owner.equals(SHADED)) {
            switch (call.name) {
                case "checkInterruption" -> dropBeforeCall(code, call);
                case "readGlobal" -> readStackPointer(code, call);
                case "writeGlobal" -> writeStackPointer(code, call);
                default -> {
                    if (call.name.matches("memory(Read|Write)(Byte|Short|Int|Long|Float|Double)")) {
                        call.owner = MEMORY;
                    }
                }
            }
        } else if (call.owner.equals("run/endive/runtime/OpcodeImpl")) {
            branch(code, call);
        }
    }

    /** A check at a call stands before the two last arguments, the memory and the instance; one at a loop before a jump. */
    private static void dropBeforeCall(InsnList code, MethodInsnNode check) {
        AbstractInsnNode memory = check.getNext();
        AbstractInsnNode instance = memory.getNext();
        if (memory.getOpcode() == Opcodes.ALOAD
                && instance.getOpcode() == Opcodes.ALOAD
                && instance.getNext() instanceof MethodInsnNode called
                && called.name.startsWith("func_")) {
            code.remove(check);
        }
    }

    /** {@code iconst_0, aload instance, readGlobal, l2i}. */
    private static void readStackPointer(InsnList code, MethodInsnNode read) {
        VarInsnNode instance = (VarInsnNode) read.getPrevious();
        expect(instance.getPrevious(), Opcodes.ICONST_0);
        expect(read.getNext(), Opcodes.L2I);
        code.remove(instance.getPrevious());
        code.remove(read.getNext());
        instance.var--;
        code.set(read, new MethodInsnNode(Opcodes.INVOKESTATIC, MEMORY, "stackPointer", "(" + MEMORY_TYPE + ")I"));
    }

    /** {@code i2l, iconst_0, aload instance, writeGlobal}. */
    private static void writeStackPointer(InsnList code, MethodInsnNode write) {
        VarInsnNode instance = (VarInsnNode) write.getPrevious();
        AbstractInsnNode global = instance.getPrevious();
        expect(global, Opcodes.ICONST_0);
        expect(global.getPrevious(), Opcodes.I2L);
        code.remove(global.getPrevious());
        code.remove(global);
        instance.var--;
        code.set(write, new MethodInsnNode(Opcodes.INVOKESTATIC, MEMORY, "stackPointer", "(I" + MEMORY_TYPE + ")V"));
    }

    private static void branch(InsnList code, MethodInsnNode comparison) {
        if (!(comparison.getNext() instanceof JumpInsnNode jump)
                || jump.getOpcode() != Opcodes.IFNE && jump.getOpcode() != Opcodes.IFEQ) {
            return;
        }
        boolean negated = jump.getOpcode() == Opcodes.IFEQ;
        Integer opcode = INT_COMPARISONS.get(comparison.name);
        if (opcode != null) {
            code.remove(comparison);
        } else if (LONG_COMPARISONS.containsKey(comparison.name)) {
            opcode = LONG_COMPARISONS.get(comparison.name);
            code.set(comparison, new InsnNode(Opcodes.LCMP));
        } else if (comparison.name.equals("I32_EQZ")) {
            opcode = Opcodes.IFEQ;
            code.remove(comparison);
        } else {
            return;
        }
        jump.setOpcode(negated ? OPPOSITES.get(opcode) : opcode);
    }

    private static void expect(AbstractInsnNode instruction, int opcode) {
        if (instruction.getOpcode() != opcode) {
            throw new IllegalStateException("the translator writes other code than expected");
        }
    }
}
