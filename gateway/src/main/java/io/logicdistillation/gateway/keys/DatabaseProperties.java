package io.logicdistillation.gateway.keys;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where keys, tenants and the record of their changes are kept. Without an address there are the keys of the file only, and
 * nothing under /v1/keys.
 *
 * @param url JDBC URL of a Postgres database; empty for none
 * @param user who owns the tables
 * @param password of that user
 */
@ConfigurationProperties("platform.database")
record DatabaseProperties(
        @DefaultValue("") String url,
        @DefaultValue("gateway") String user,
        @DefaultValue("") String password) {}
