#!/usr/bin/env bash
# Runs once, when the Postgres container makes its cluster: a role and a database per service, none able to reach another's.
set -euo pipefail

for service in function_base distillation inference gateway; do
  password=$(cat "/run/secrets/${service//_/-}-password")
  psql -v ON_ERROR_STOP=1 -q -U "$POSTGRES_USER" -d postgres <<SQL
CREATE ROLE $service LOGIN PASSWORD '$password';
CREATE DATABASE $service OWNER $service;
REVOKE ALL ON DATABASE $service FROM PUBLIC;
SQL
done
psql -v ON_ERROR_STOP=1 -q -U "$POSTGRES_USER" -d function_base -c 'CREATE EXTENSION IF NOT EXISTS vector'
