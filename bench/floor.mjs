// The floor: what DuckDB itself needs to parse the same files into typed columns of a file database. No checks of the
// values, no line numbers, no star. Usage: floor.mjs DATABASE events|songs GLOB
import { DuckDBInstance } from '@duckdb/node-api';

const columns = {
  events: `artist: 'VARCHAR', auth: 'VARCHAR', firstName: 'VARCHAR', gender: 'VARCHAR', itemInSession: 'INTEGER',
    lastName: 'VARCHAR', length: 'DOUBLE', level: 'VARCHAR', location: 'VARCHAR', method: 'VARCHAR', page: 'VARCHAR',
    registration: 'DOUBLE', sessionId: 'BIGINT', song: 'VARCHAR', status: 'SMALLINT', ts: 'BIGINT',
    userAgent: 'VARCHAR', userId: 'VARCHAR'`,
  songs: `num_songs: 'INTEGER', artist_id: 'VARCHAR', artist_latitude: 'DOUBLE', artist_longitude: 'DOUBLE',
    artist_location: 'VARCHAR', artist_name: 'VARCHAR', song_id: 'VARCHAR', title: 'VARCHAR', duration: 'DOUBLE',
    year: 'INTEGER'`,
};

const [database, ...reads] = process.argv.slice(2);
const instance = await DuckDBInstance.create(database);
const connection = await instance.connect();
for (let index = 0; index < reads.length; index += 2) {
  const [source, glob] = [reads[index], reads[index + 1]];
  const ignoring = process.env.FLOOR_IGNORE_ERRORS ? ', ignore_errors = true' : '';
  await connection.run(
    `create table ${source} as select * from read_json('${glob}', columns = {${columns[source]}}${ignoring})`,
  );
}
connection.closeSync();
instance.closeSync();
