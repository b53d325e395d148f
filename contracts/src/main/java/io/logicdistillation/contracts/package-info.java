/**
 * What travels between the services and their clients: records that validate themselves, and the catalogue of problems.
 * Depends on the JDK alone.
 */
@NullMarked
package io.logicdistillation.contracts;

import org.jspecify.annotations.NullMarked;
