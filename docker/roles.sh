#!/bin/sh
# Runs once, when the database's volume is empty: the owner migrates, the application owns nothing.
set -eu
psql --set ON_ERROR_STOP=1 --set owner_password="$VIGILANCIA_OWNER_PASSWORD" --set app_password="$VIGILANCIA_APP_PASSWORD" \
    --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE vigilancia_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE vigilancia_app LOGIN PASSWORD :'app_password';
CREATE DATABASE vigilancia OWNER vigilancia_owner TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE vigilancia FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE vigilancia TO vigilancia_app;
\connect vigilancia
ALTER SCHEMA public OWNER TO vigilancia_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
SQL
