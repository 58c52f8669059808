import { gzipSync } from 'node:zlib';
import type { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { errorOf, role, rowsOf, type Scene, startScene } from './scene.ts';

let scene: Scene;
let client: Client;
let prefix: string;
let runs = 0;

beforeAll(async () => {
  scene = await startScene();
  ({ client } = await scene.newDatabase());
});
afterAll(() => scene.stop());
beforeEach(async () => {
  await client.query('drop table if exists e');
  await scene.forgetLoads(client);
  runs += 1;
  prefix = `run-${runs}`;
});

const put = (name: string, body: string | Buffer) => scene.s3.put(`${prefix}/${name}`, body);
const url = (name = '') => `s3://${scene.s3.bucket}/${prefix}/${name}`;
const copy = (into: string, rest = "format json 'auto'") =>
  client.query(`copy ${into} from '${url('data')}' ${role} ${rest}`);

describe('which value goes where', () => {
  test('auto takes keys that equal the column names, case included; a missing key is NULL and not the default', async () => {
    await client.query("create table e (userid int, name varchar(20) default 'none', at timestamp default sysdate)");
    await put('data', '{"userId":1,"name":"a"}\n{"userid":2,"extra":[1]}');
    await copy('e (userid, name)');
    expect(await rowsOf(client, 'select userid, name, at is not null as dated from e order by name')).toEqual([
      { userid: null, name: 'a', dated: true },
      { userid: 2, name: null, dated: true },
    ]);
  });

  test('auto ignorecase takes them whatever their case', async () => {
    await client.query('create table e (userid int)');
    await put('data', '{"userId":1} {"USERID":2}');
    await copy('e', "json 'auto ignorecase'");
    expect(await rowsOf(client, 'select userid from e order by userid')).toEqual([{ userid: 1 }, { userid: 2 }]);
  });

  test('a JSONPaths file goes by position; bracket notation and nested keys', async () => {
    await client.query('create table e (a int, b varchar(20), c varchar(50))');
    await put('paths.json', JSON.stringify({ jsonpaths: ["$['n']", "$['deep']['x y']", "$['deep']"] }));
    await put('data', '{"n":7,"deep":{"x y":"z"}}\n{"n":8}');
    await copy('e', `format as json '${url('paths.json')}'`);
    expect(await rowsOf(client, 'select a, b, c from e order by a')).toEqual([
      { a: 7, b: 'z', c: '{"x y":"z"}' },
      { a: 8, b: null, c: null },
    ]);
  });

  test('a JSONPaths file without that key counts for auto', async () => {
    await client.query('create table e (a int)');
    await put('paths.json', JSON.stringify({ jsonPaths: ['$.n'] }));
    await put('data', '{"n":7,"a":1}');
    await copy('e', `format json '${url('paths.json')}'`);
    expect(await rowsOf(client, 'select a from e')).toEqual([{ a: 1 }]);
  });

  test.each([
    [{ jsonpaths: ['$.a'] }, 'Number of jsonpaths and the number of columns should match'],
    [{ jsonpaths: ['$.a', "$['b']"] }, 'bracket and dot notation are mixed'],
    [{ jsonpaths: ['$.a', '$.b[*]'] }, 'Invalid JSONPath format'],
  ])('%j is refused', async (paths, message) => {
    await client.query('create table e (a int, b int)');
    await put('paths.json', JSON.stringify(paths));
    await put('data', '{"a":1,"b":2}');
    await expect(copy('e', `format json '${url('paths.json')}'`)).rejects.toThrow(message);
  });

  test('IDENTITY is left out, and taken with EXPLICIT_IDS', async () => {
    await client.query('create table e (id bigint identity(0, 1), a int)');
    await put('data', '{"a":1,"id":77}');
    await copy('e');
    await copy('e (id, a)', "format json 'auto' explicit_ids");
    expect(await rowsOf(client, 'select id, a from e order by id')).toEqual([
      { id: '0', a: 1 },
      { id: '77', a: 1 },
    ]);
  });

  test('a list that leaves out a NOT NULL column without default is refused', async () => {
    await client.query('create table e (a int not null, b int)');
    await put('data', '{"b":1}');
    expect(await errorOf(client, `copy e (b) from '${url('data')}' ${role} json 'auto'`)).toMatchObject({
      code: '42601',
    });
  });
});

describe('what a value becomes', () => {
  test('empty and blank text is NULL in other types than text', async () => {
    await client.query(
      'create table e (i int, d double precision, n decimal(5, 2), b boolean, t timestamp, v varchar(5))',
    );
    await put('data', '{"i":"","d":" ","n":"","b":"","t":"","v":""}');
    await copy('e');
    expect(await rowsOf(client, 'select * from e')).toEqual([{ i: null, d: null, n: null, b: null, t: null, v: '' }]);
    await client.query('delete from e');
    await copy('e (v)', "json 'auto' emptyasnull");
    expect(await rowsOf(client, 'select v from e')).toEqual([{ v: null }]);
  });

  test('surplus decimals are cut, and rounded with ROUNDEC', async () => {
    await client.query('create table e (n decimal(8, 2))');
    await put('data', '{"n":20.259}{"n":-0.005}');
    await copy('e');
    await copy('e', "json 'auto' roundec");
    expect(await rowsOf(client, 'select n from e')).toEqual(['20.25', '0.00', '20.26', '-0.01'].map((n) => ({ n })));
  });

  test('text is cut at a character with TRUNCATECOLUMNS; blanks at the end do not count', async () => {
    await client.query('create table e (v varchar(4))');
    await put('data', '{"v":"ab  "}{"v":"abc     "}{"v":"ööö"}');
    await copy('e', "json 'auto' truncatecolumns");
    expect(await rowsOf(client, 'select v from e')).toEqual(['ab  ', 'abc ', 'öö'].map((v) => ({ v })));
  });

  test.each([
    ['', '2019-02-11 05:09:12', '2019-02-11 05:09:12'],
    ["timeformat 'auto'", '2019-02-11T05:09:12.195Z', '2019-02-11 05:09:12.195'],
    ["timeformat 'auto'", '2019-02-11', '2019-02-11 00:00:00'],
    ["timeformat 'epochmillisecs'", 1541121934796, '2018-11-02 01:25:34.796'],
    ["timeformat 'epochsecs'", 1541121934, '2018-11-02 01:25:34'],
  ])('%s reads %s', async (option, value, expected) => {
    await client.query('create table e (t timestamp)');
    await put('data', JSON.stringify({ t: value }));
    await copy('e', `json 'auto' ${option}`);
    expect(await rowsOf(client, 'select t from e')).toEqual([{ t: expected }]);
  });

  test('invalid UTF-8 is replaced byte for byte with ACCEPTINVCHARS', async () => {
    await client.query('create table e (v varchar(9))');
    await put('data', Buffer.concat([Buffer.from('{"v":"aö'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]));
    await copy('e', "json 'auto' acceptinvchars '^'");
    expect(await rowsOf(client, 'select v from e')).toEqual([{ v: 'aö^(' }]);
  });

  test('quotes, commas, line ends and backslashes arrive as they are', async () => {
    await client.query('create table e (v varchar(50))');
    const v = 'a"b,c\nd\\n\'e\u2028';
    await put('data', JSON.stringify({ v }));
    await copy('e');
    expect(await rowsOf(client, 'select v from e')).toEqual([{ v }]);
  });

  test('a file is inflated only with GZIP', async () => {
    await client.query('create table e (a int)');
    await put('data', gzipSync('{"a":1}'));
    await copy('e', "json 'auto' gzip");
    expect(await rowsOf(client, 'select a from e')).toEqual([{ a: 1 }]);
    await expect(copy('e')).rejects.toThrow('failed');
  });
});

describe('errors in the data', () => {
  const paths = { jsonpaths: ['$.a[0]'] };

  test.each([
    [1204, 'varchar(2)', '{"a":"abc"}', 'String length exceeds DDL length'],
    [1205, 'date', '{"a":"11/30/2018"}', 'Invalid Date Format'],
    [1206, 'timestamp', '{"a":1541121934796}', 'Invalid timestamp format or value'],
    [1207, 'int', '{"a":"abc"}', "Invalid digit, Value 'a', Pos 0, Type: Integer"],
    [1207, 'bigint', '{"a":20200407.0}', "Invalid digit, Value '.', Pos 8, Type: Long"],
    [1207, 'bigint', '{"a":1.54e12}', "Invalid digit, Value '.', Pos 1, Type: Long"],
    [1207, 'int', '{"a":{"b":1}}', "Invalid digit, Value '{'"],
    [1208, 'double precision', '{"a":"x"}', 'Invalid floating point value'],
    [1208, 'double precision', '{"a":1e999}', 'Invalid floating point value'],
    [1209, 'decimal(3, 1)', '{"a":123.4}', 'Overflow for NUMERIC(3,1)'],
    [1210, 'boolean', '{"a":"maybe"}', 'Unknown boolean format'],
    [1213, 'int not null', '{"b":1}', 'Missing data for not-null field'],
    [1215, 'char(5)', '{"a":"ö"}', 'Multibyte character not supported for CHAR'],
    [1216, 'int', '{"a":1', 'Invalid value.'],
    [1216, 'int', '[{"a":1},{"a":2}]', 'Invalid value.'],
    [1216, 'int', '{"a":1},{"a":2}', 'Invalid value.'],
    [1219, 'varchar(9)', '{"a":"\\u00zz"}', 'UTF-8 hexadecimal contains an invalid digit'],
    [1222, 'smallint', '{"a":40000}', 'Overflow'],
    [1222, 'bigint', '{"a":9223372036854775808}', 'Overflow'],
  ])('%i: %s given %s', async (code, type, record, reason) => {
    await client.query(`create table e (a ${type})`);
    await put('data', `\n${record}`);
    expect(await errorOf(client, `copy e from '${url('data')}' ${role} json 'auto'`)).toMatchObject({
      code: 'XX000',
      message: "Load into table 'e' failed. Check 'sys_load_error_detail' system table for details.",
    });
    const [error] = await rowsOf(client, 'select * from sys_load_error_detail');
    expect(error).toMatchObject({ error_code: code, line_number: '2', error_message: expect.stringContaining(reason) });
    expect(error?.file_name).toBe(url('data').padEnd(256));
    expect(await rowsOf(client, 'select status, error_count, loaded_rows from sys_load_history')).toEqual([
      { status: 'aborted   ', error_count: 1, loaded_rows: '0' },
    ]);
  });

  test('1220: invalid UTF-8, with the column', async () => {
    await client.query('create table e (a int, v varchar(9))');
    await put('data', Buffer.concat([Buffer.from('{"a":1,"v":"x'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]));
    await expect(copy('e')).rejects.toThrow('failed');
    expect(await rowsOf(client, 'select error_code, trim(column_name) as name from sys_load_error_detail')).toEqual([
      { error_code: 1220, name: 'v' },
    ]);
  });

  test('1216: a missing element of an array; a missing key is NULL', async () => {
    await client.query('create table e (a int)');
    await put('paths.json', JSON.stringify(paths));
    await put('data', '{"a":[]}');
    await expect(copy('e', `json '${url('paths.json')}'`)).rejects.toThrow('failed');
    expect(await rowsOf(client, 'select trim(error_message) as text from sys_load_error_detail')).toEqual([
      { text: 'Invalid JSONPath format: Not an array or index out of range.' },
    ]);
  });

  test('column, type, length, position and line say where', async () => {
    await client.query('create table e (a int, name varchar(3))');
    await put('data', '{"a":1,\n"name":"abc"}\n{"a":2,"name":"abcd"}');
    await expect(copy('e')).rejects.toThrow('failed');
    expect(
      await rowsOf(
        client,
        'select line_number, trim(column_name) as name, trim(column_type) as type, trim(column_length) as length from sys_load_error_detail',
      ),
    ).toEqual([{ line_number: '3', name: 'name', type: 'varchar', length: '3' }]);
  });

  test('up to MAXERROR they are dropped, with INFO; as many as MAXERROR fail', async () => {
    await client.query('create table e (a int)');
    await put('data', '{"a":1}{"a":"x"}{"a":3}{"a":"y"}');
    const notices: string[] = [];
    client.on('notice', ({ message, severity }) => notices.push(`${severity} ${message}`));
    await copy('e', "json 'auto' maxerror 3");
    expect(notices).toEqual([
      "INFO Load into table 'e' completed, 2 record(s) loaded successfully.",
      "INFO Load into table 'e' completed, 2 record(s) could not be loaded.  Check 'sys_load_error_detail' system table for details.",
    ]);
    await expect(copy('e', "json 'auto' maxerror 2")).rejects.toThrow('failed');
    await expect(copy('e', "json 'auto' maxerror 1")).rejects.toThrow('failed');
    expect(await rowsOf(client, 'select count(*) from e')).toEqual([{ count: '2' }]);
  });

  test('an object above 4 MB fails the COPY whatever MAXERROR', async () => {
    await client.query('create table e (a int)');
    await put('data', JSON.stringify({ a: 1, filler: 'x'.repeat(4 * 1024 * 1024) }));
    await expect(copy('e', "json 'auto' maxerror 10")).rejects.toThrow('larger than 4194304 bytes');
  });
});

describe('prefixes and manifests', () => {
  const manifest = (...entries: object[]) => put('all.manifest', JSON.stringify({ entries }));
  const fromManifest = () => client.query(`copy e from '${url('all.manifest')}' ${role} json 'auto' manifest`);

  beforeEach(() => client.query('create table e (a int)'));

  test('a prefix is no folder', async () => {
    await put('data/1.json', '{"a":1}');
    await put('data.bak', '{"a":2}');
    await put('database/x', '{"a":3}');
    await copy('e');
    expect(await rowsOf(client, 'select a from e order by a')).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  });

  test('a prefix that matches nothing fails', async () => {
    await expect(copy('e')).rejects.toThrow(`The specified S3 prefix '${prefix}/data' does not exist`);
  });

  test('a file listed twice is loaded twice, one that is missing and not mandatory is passed over', async () => {
    await put('1.json', '{"a":1}');
    await manifest({ url: url('1.json') }, { url: url('gone.json') }, { url: url('1.json'), mandatory: true });
    await fromManifest();
    expect(await rowsOf(client, 'select a from e')).toEqual([{ a: 1 }, { a: 1 }]);
  });

  test('1212: a mandatory file that is missing', async () => {
    await put('1.json', '{"a":1}');
    await manifest({ url: url('1.json') }, { url: url('gone.json'), mandatory: true });
    await expect(fromManifest()).rejects.toThrow("Load into table 'e' failed");
    expect(await rowsOf(client, 'select error_code, trim(file_name) as file from sys_load_error_detail')).toEqual([
      { error_code: 1212, file: url('gone.json') },
    ]);
    expect(await rowsOf(client, 'select a from e')).toEqual([]);
  });

  test('a manifest of nothing but missing files fails', async () => {
    await manifest({ url: url('gone.json') });
    await expect(fromManifest()).rejects.toThrow('No file of the manifest');
  });

  test('8001: a manifest that is not there, or a folder', async () => {
    const missing = await errorOf(client, `copy e from '${url('none')}' ${role} json 'auto' manifest`);
    expect(missing.message).toBe('COPY with MANIFEST parameter requires full path of an S3 object.');
    expect(missing.detail).toContain('code:      8001');
    expect((await errorOf(client, `copy e from '${url()}' ${role} json 'auto' manifest`)).message).toBe(
      missing.message,
    );
  });

  test('without MANIFEST a manifest is data', async () => {
    await put('1.json', '{"a":1}');
    await put('data', JSON.stringify({ entries: [{ url: url('1.json') }] }));
    await copy('e');
    expect(await rowsOf(client, 'select a from e')).toEqual([{ a: null }]);
  });
});
