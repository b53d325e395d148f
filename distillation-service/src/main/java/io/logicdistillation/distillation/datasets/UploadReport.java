package io.logicdistillation.distillation.datasets;

import java.util.List;

/**
 * How far an upload has come.
 *
 * @param upload its name, given by the client or drawn
 * @param lines that are dealt with, blank ones among them; an upload that was cut goes on at the next
 * @param accepted rows that are new
 * @param repeated lines whose view and choice were there already
 * @param refused lines that can not be used
 * @param errors why, for the first hundred of them
 */
record UploadReport(String upload, long lines, long accepted, long repeated, long refused, List<LineError> errors) {
    UploadReport {
        errors = List.copyOf(errors);
    }

    static UploadReport none(String upload) {
        return new UploadReport(upload, 0, 0, 0, 0, List.of());
    }

    /** @param line counted from one */
    record LineError(long line, String message) {}
}
