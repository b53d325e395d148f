package io.logicdistillation.kit.tenantdata;

import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What the catalogue can not say.
 *
 * @param service whose data it is
 * @param rowSecurity the setting in which policies look for the tenant
 * @param withoutTenants tables that hold nothing of any tenant; any other one without an owner is an error
 * @param notExported tables whose rows mean nothing elsewhere
 * @param numberLists columns ({@code table.column}) that list numbers of the rows of a table
 * @param beforeImport told which rows are about to come, in a transaction of its own
 * @param files what lies outside of the database
 */
public record TenantDataSettings(
        String service,
        String rowSecurity,
        Set<String> withoutTenants,
        Set<String> notExported,
        Map<String, String> numberLists,
        Consumer<Coming> beforeImport,
        TenantFiles files) {
    public TenantDataSettings(String service, String rowSecurity, Set<String> withoutTenants) {
        this(service, rowSecurity, withoutTenants, Set.of(), Map.of(), rows -> {}, TenantFiles.none());
    }

    public TenantDataSettings withoutExporting(Set<String> tables) {
        return new TenantDataSettings(service, rowSecurity, withoutTenants, tables, numberLists, beforeImport, files);
    }

    public TenantDataSettings withNumberLists(Map<String, String> lists) {
        return new TenantDataSettings(service, rowSecurity, withoutTenants, notExported, lists, beforeImport, files);
    }

    public TenantDataSettings withBeforeImport(Consumer<Coming> prepare) {
        return new TenantDataSettings(service, rowSecurity, withoutTenants, notExported, numberLists, prepare, files);
    }

    public TenantDataSettings withFiles(TenantFiles kept) {
        return new TenantDataSettings(
                service, rowSecurity, withoutTenants, notExported, numberLists, beforeImport, kept);
    }

    /** @param first the lowest key of the rows that are about to come, as text */
    public record Coming(String table, String first, String last) {}
}
