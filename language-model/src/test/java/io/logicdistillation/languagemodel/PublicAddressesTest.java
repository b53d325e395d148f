package io.logicdistillation.languagemodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublicAddressesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "10.1.2.3",
                "172.16.0.1",
                "192.168.7.7",
                "169.254.169.254",
                "100.64.0.1",
                "0.0.0.0",
                "::1",
                "fe80::1",
                "fd00::1",
                "::ffff:10.0.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "64:ff9b::a00:1",
                "198.18.0.1"
            })
    void refusesNetworksThatAreNotPublic(String address) throws UnknownHostException {
        assertThat(PublicAddresses.isPublic(InetAddress.getByName(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"93.184.215.14", "8.8.8.8", "2606:4700::1111", "172.32.0.1", "100.128.0.1"})
    void takesPublicOnes(String address) throws UnknownHostException {
        assertThat(PublicAddresses.isPublic(InetAddress.getByName(address))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:8000/v1",
                "http://[::1]/v1",
                "http://169.254.169.254/latest",
                "ftp://example.org/v1",
                "file:///etc/passwd",
                "https://user:secret@example.org/v1",
                "http:/v1"
            })
    void refusesUrlsBeforeAnythingIsSent(String url) {
        assertThatThrownBy(() -> PublicAddresses.check(URI.create(url), false, "some.place"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageNotContaining("secret");
    }

    @Test
    void takesWhatTheOperatorAllows() {
        assertThatCode(() -> PublicAddresses.check(URI.create("http://127.0.0.1:8000/v1"), true, "some.place"))
                .doesNotThrowAnyException();
        assertThatCode(() -> PublicAddresses.check(URI.create("https://api.openai.com/v1"), false, "some.place"))
                .doesNotThrowAnyException();
    }

    @Test
    void refusesANameThatLeadsInwards() {
        assertThatThrownBy(() -> new PublicAddresses().lookup("localhost")).isInstanceOf(UnknownHostException.class);
    }
}
