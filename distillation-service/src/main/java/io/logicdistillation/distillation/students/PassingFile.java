package io.logicdistillation.distillation.students;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.springframework.core.io.AbstractResource;

/**
 * A file that has no name any more: its bytes are there until they were read once, or until nobody holds this object. So nothing
 * is left behind, whoever breaks off.
 */
final class PassingFile extends AbstractResource {
    private final FileChannel channel;
    private final long size;

    private PassingFile(FileChannel channel, long size) {
        this.channel = channel;
        this.size = size;
    }

    /** Takes the file and its name away. */
    static PassingFile of(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        Files.delete(file);
        return new PassingFile(channel, channel.size());
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return Channels.newInputStream(channel.position(0));
    }

    @Override
    public long contentLength() {
        return size;
    }

    @Override
    public boolean exists() {
        return channel.isOpen();
    }

    @Override
    public String getDescription() {
        return "an artifact of " + size + " bytes";
    }
}
