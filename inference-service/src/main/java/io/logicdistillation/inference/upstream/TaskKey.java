package io.logicdistillation.inference.upstream;

/** A task of a tenant; two tenants' tasks of one name have nothing in common. */
public record TaskKey(String tenant, String task) {}
