-- Columns of every table, in order.
SELECT t.table_name AS "table", c.column_name AS name, c.data_type AS type
FROM duckdb_tables() AS t JOIN duckdb_columns() AS c USING (database_name, schema_name, table_name)
WHERE t.database_name = current_database() AND t.schema_name = 'main' AND NOT t.internal AND NOT t.temporary
ORDER BY t.table_name, c.column_index;
