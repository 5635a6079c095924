/** One pass of the database that the analysis uses: requests by caller, nothing else. */
import { DuckDBInstance } from '@duckdb/node-api';

const [file = ''] = process.argv.slice(2);
const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
const connection = await instance.connect();
const result = await connection.runAndReadAll(
  `SELECT identity.claim.appid AS caller, count(*) AS requests
  FROM read_json($file, format = 'newline_delimited', ignore_errors = true,
    columns = { identity: 'STRUCT(claim STRUCT(appid VARCHAR))' })
  GROUP BY caller ORDER BY requests DESC`,
  { file },
);
process.stdout.write(`${result.getRows().join('\n')}\n`);
