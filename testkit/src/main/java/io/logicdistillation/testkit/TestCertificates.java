package io.logicdistillation.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** Certificates for {@code localhost} and 127.0.0.1 by an authority of the test's own, made by the JDK's own tool. */
public final class TestCertificates {
    /** Of every store. */
    public static final String PASSWORD = "changeit";

    private static final String ADDRESSES = "san=dns:localhost,ip:127.0.0.1";

    private final Path folder;

    private TestCertificates(Path folder) {
        this.folder = folder;
    }

    /** @param folder that is empty and the test's own */
    public static TestCertificates in(Path folder) {
        TestCertificates made = new TestCertificates(folder);
        made.keytool(
                "-genkeypair",
                "-alias",
                "authority",
                "-keyalg",
                "EC",
                "-dname",
                "CN=authority",
                "-ext",
                "bc:c",
                "-startdate",
                "-30d",
                "-validity",
                "60",
                "-keystore",
                "authority.p12");
        made.keytool(
                "-exportcert", "-rfc", "-alias", "authority", "-file", "authority.pem", "-keystore", "authority.p12");
        made.keytool(
                "-importcert", "-noprompt", "-alias", "authority", "-file", "authority.pem", "-keystore", "trust.p12");
        return made;
    }

    /** The authority's certificate as text. */
    public Path root() {
        return folder.resolve("authority.pem");
    }

    /** Trusts the authority. */
    public Path trustStore() {
        return folder.resolve("trust.p12");
    }

    /** A key with a certificate that holds. */
    public Path keyStore(String name) {
        return keyStore(name, "-1d", "20");
    }

    /** A key with a certificate that held for a day, ten days ago. */
    public Path expiredKeyStore(String name) {
        return keyStore(name, "-10d", "1");
    }

    /** The certificate of a key store that was made before, as text. */
    public Path certificate(String name) {
        return folder.resolve(name + ".pem");
    }

    /** The key of a key store that was made before, as text. */
    public Path key(String name) {
        Path file = folder.resolve(name + ".key");
        try {
            KeyStore store = KeyStore.getInstance(folder.resolve(name + ".p12").toFile(), PASSWORD.toCharArray());
            byte[] key = store.getKey(name, PASSWORD.toCharArray()).getEncoded();
            String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key);
            Files.writeString(file, "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n");
        } catch (GeneralSecurityException | IOException failure) {
            throw new IllegalStateException("The key of " + name + " could not be written", failure);
        }
        return file;
    }

    private Path keyStore(String name, String start, String days) {
        String store = name + ".p12";
        keytool("-genkeypair", "-alias", name, "-keyalg", "EC", "-dname", "CN=" + name, "-keystore", store);
        keytool("-certreq", "-alias", name, "-file", name + ".csr", "-keystore", store);
        keytool(
                "-gencert",
                "-rfc",
                "-alias",
                "authority",
                "-infile",
                name + ".csr",
                "-outfile",
                name + ".pem",
                "-ext",
                ADDRESSES,
                "-startdate",
                start,
                "-validity",
                days,
                "-keystore",
                "authority.p12");
        keytool("-importcert", "-noprompt", "-alias", "authority", "-file", "authority.pem", "-keystore", store);
        keytool("-importcert", "-noprompt", "-alias", name, "-file", name + ".pem", "-keystore", store);
        return folder.resolve(store);
    }

    private void keytool(String... arguments) {
        String program =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        List<String> command = Stream.concat(
                        Stream.concat(Stream.of(program), Stream.of(arguments)),
                        Stream.of("-storetype", "PKCS12", "-storepass", PASSWORD))
                .toList();
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException("keytool failed: " + said);
            }
        } catch (IOException failure) {
            throw new IllegalStateException("keytool could not be run", failure);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("keytool was interrupted", stopped);
        }
    }
}
