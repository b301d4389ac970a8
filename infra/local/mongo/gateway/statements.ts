import type { Statement } from './pool.ts';

const statement = (name: string, text: string): Statement => ({ name, text });

const firstPage = (kind: string): Statement =>
  statement(
    `${kind}_first_page`,
    `SELECT cursorpage::bytea, continuation::bytea, cursorid FROM documentdb_api.${kind}_cursor_first_page($1, $2::bytea)`,
  );

const write = (kind: string): Statement =>
  statement(
    kind,
    `SELECT p_result::bytea, p_success FROM documentdb_api.${kind}($1, $2::bytea, $3::bytea)`,
  );

/** The engine's functions, as the gateway calls them; documents go in and come out as bytes. */
export const SQL = {
  insert: write('insert'),
  update: write('update'),
  delete: write('delete'),
  findAndModify: statement(
    'find_and_modify',
    'SELECT p_result::bytea, p_success FROM documentdb_api.find_and_modify($1, $2::bytea)',
  ),
  find: firstPage('find'),
  aggregate: firstPage('aggregate'),
  listCollections: firstPage('list_collections'),
  listIndexes: firstPage('list_indexes'),
  getMore: statement(
    'get_more',
    'SELECT cursorpage::bytea, continuation::bytea FROM documentdb_api.cursor_get_more($1, $2::bytea, $3::bytea)',
  ),
  deleteCursors: statement(
    'delete_cursors',
    'SELECT documentdb_api_internal.delete_cursors($1::bigint[])::bytea AS result',
  ),
  count: statement('count', 'SELECT documentdb_api.count_query($1, $2::bytea)::bytea AS result'),
  distinct: statement(
    'distinct',
    'SELECT documentdb_api.distinct_query($1, $2::bytea)::bytea AS result',
  ),
  create: statement(
    'create',
    'SELECT documentdb_api.create_collection_view($1, $2::bytea)::bytea AS result',
  ),
  drop: statement('drop', 'SELECT documentdb_api.drop_collection($1, $2) AS dropped'),
  dropDatabase: statement('drop_database', 'SELECT documentdb_api.drop_database($1)'),
  rename: statement(
    'rename',
    'SELECT documentdb_api.rename_collection($1::bytea)::bytea AS result',
  ),
  collMod: statement(
    'coll_mod',
    'SELECT documentdb_api.coll_mod($1, $2, $3::bytea)::bytea AS result',
  ),
  collStats: statement(
    'coll_stats',
    'SELECT documentdb_api.coll_stats($1, $2, $3)::bytea AS result',
  ),
  dbStats: statement('db_stats', 'SELECT documentdb_api.db_stats($1, $2, false)::bytea AS result'),
  validate: statement('validate', 'SELECT documentdb_api.validate($1, $2::bytea)::bytea AS result'),
  listDatabases: statement(
    'list_databases',
    'SELECT documentdb_api.list_databases($1::bytea)::bytea AS result',
  ),
  currentOp: statement(
    'current_op',
    'SELECT documentdb_api.current_op_command($1::bytea)::bytea AS result',
  ),
  createIndexes: statement(
    'create_indexes',
    'SELECT documentdb_api_internal.create_indexes_non_concurrently($1, $2::bytea, true)::bytea AS result',
  ),
  dropIndexes: statement('drop_indexes', 'CALL documentdb_api.drop_indexes($1, $2::bytea)'),
  indexKey: statement(
    'index_key',
    `SELECT (index_spec).index_name AS name, (index_spec).index_key::bytea AS key
       FROM documentdb_api_catalog.collection_indexes
       JOIN documentdb_api_catalog.collections USING (collection_id)
      WHERE database_name = $1 AND collection_name = $2
        AND ((index_spec).index_name = $3 OR index_id::text = $4)`,
  ),
} as const;
