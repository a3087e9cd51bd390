package com.baidu.paddle.lite;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Stands in for Paddle-Lite's: the runner that RUNNER names computes, a process for each run. */
public class PaddlePredictor {
    private static final Pattern SHAPE = Pattern.compile("'shape': \\(([^)]*)\\)");
    private final String model;
    private final Tensor input = new Tensor();
    private final Tensor output = new Tensor();

    public PaddlePredictor(ConfigBase config) {
        model = ((MobileConfig) config).model;
    }

    public static PaddlePredictor createPaddlePredictor(ConfigBase config) {
        PaddlePredictor predictor = new PaddlePredictor(config);
        return new File(predictor.model).isFile() ? predictor : null;
    }

    public Tensor getInput(int offset) {
        return input;
    }

    public Tensor getOutput(int offset) {
        return output;
    }

    public boolean run() {
        try {
            return compute();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        } catch (InterruptedException error) {
            throw new IllegalStateException(error);
        }
    }

    private boolean compute() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("run");
        write(folder.resolve("input.npy"), input);
        List<String> command = new ArrayList<>(Arrays.asList(System.getenv("RUNNER").split(" ")));
        command.addAll(Arrays.asList("--model", model, "--input", folder + "/input.npy", "--warmup", "0"));
        command.addAll(Arrays.asList("--repeats", "1", "--output", folder + "/out", "--report", folder + "/r.json"));
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) return false;
        try (java.util.stream.Stream<Path> files = Files.list(folder.resolve("out"))) {
            read(files.sorted().findFirst().get(), output);
        }
        return true;
    }

    /** As numpy writes arrays, format 1.0. */
    private static void write(Path file, Tensor tensor) throws IOException {
        String shape = Arrays.toString(tensor.shape).replace('[', '(').replace(']', ')');
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }";
        header += " ".repeat(63 - (header.length() + 10) % 64) + "\n";
        ByteBuffer content = ByteBuffer.allocate(10 + header.length() + 4 * tensor.values.length);
        content.order(ByteOrder.LITTLE_ENDIAN).put("\u0093NUMPY\u0001\0".getBytes(StandardCharsets.ISO_8859_1));
        content.putShort((short) header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
        content.asFloatBuffer().put(tensor.values);
        Files.write(file, content.array());
    }

    private static void read(Path file, Tensor tensor) throws IOException {
        ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int start = 10 + content.getShort(8);
        Matcher shape = SHAPE.matcher(new String(content.array(), 10, start - 10, StandardCharsets.US_ASCII));
        if (!shape.find()) throw new IOException(file + " is no array");
        tensor.shape = Arrays.stream(shape.group(1).split(",\\s*")).mapToLong(Long::parseLong).toArray();
        tensor.values = new float[(content.capacity() - start) / 4];
        content.position(start);
        content.asFloatBuffer().get(tensor.values);
    }
}
