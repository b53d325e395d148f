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
 * @param kept tables whose rows stay as a record of what was done
 * @param notExported tables whose rows mean nothing elsewhere
 * @param numberLists columns ({@code table.column}) that list numbers of the rows of a table
 * @param beforeImport told which rows are about to come, in a transaction of its own
 * @param files what lies outside of the database
 */
public record TenantDataSettings(
        String service,
        String rowSecurity,
        Set<String> withoutTenants,
        Set<String> kept,
        Set<String> notExported,
        Map<String, String> numberLists,
        Consumer<Coming> beforeImport,
        TenantFiles files) {
    public TenantDataSettings(String service, String rowSecurity, Set<String> withoutTenants) {
        this(service, rowSecurity, withoutTenants, Set.of(), Set.of(), Map.of(), rows -> {}, TenantFiles.none());
    }

    public TenantDataSettings keeping(Set<String> tables) {
        return new TenantDataSettings(
                service, rowSecurity, withoutTenants, tables, notExported, numberLists, beforeImport, files);
    }

    public TenantDataSettings withoutExporting(Set<String> tables) {
        return new TenantDataSettings(
                service, rowSecurity, withoutTenants, kept, tables, numberLists, beforeImport, files);
    }

    public TenantDataSettings withNumberLists(Map<String, String> lists) {
        return new TenantDataSettings(
                service, rowSecurity, withoutTenants, kept, notExported, lists, beforeImport, files);
    }

    public TenantDataSettings withBeforeImport(Consumer<Coming> prepare) {
        return new TenantDataSettings(
                service, rowSecurity, withoutTenants, kept, notExported, numberLists, prepare, files);
    }

    public TenantDataSettings withFiles(TenantFiles all) {
        return new TenantDataSettings(
                service, rowSecurity, withoutTenants, kept, notExported, numberLists, beforeImport, all);
    }

    /** @param first the lowest key of the rows that are about to come, as text */
    public record Coming(String table, String first, String last) {}
}
