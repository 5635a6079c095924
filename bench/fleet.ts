/**
 * N instances that start at once and each read M secrets from one vault.
 *
 *   npm run bench:fleet                    the matrix in virtual time, half a minute
 *   npm run bench:fleet -- --real          the headline over real HTTP, ours and peers, 20 min
 *   npm run bench:fleet -- --real --only ours,provider --counted no
 *
 * A real run wants a processor when it asks for one: a quiet machine, or `chrt -f 10 node bench/fleet.ts --real`.
 * With `--write` the tables also replace those in bench/RESULTS.md, or in the file of `--into`. `--seed N` plays another case.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { playHeadline } from './fleet/headline.ts';
import { playMatrix, playStore } from './fleet/matrix.ts';
import { writeResults } from './fleet/table.ts';

const { values } = parseArgs({
  options: {
    real: { type: 'boolean', default: false },
    only: { type: 'string' },
    counted: { type: 'string' },
    seed: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
    into: { type: 'string', default: join(import.meta.dirname, 'RESULTS.md') },
  },
});
const seed = Number(values.seed);

if (values.real) {
  const lines = await playHeadline(seed, {
    names: values.only === undefined ? null : new Set(values.only.split(',')),
    counts: values.counted === undefined ? null : values.counted === 'yes',
  });
  if (values.write) writeResults(values.into, 'fleet: real', lines);
} else {
  const matrix = playMatrix(seed);
  console.log('');
  const store = playStore();
  if (values.write) {
    writeResults(values.into, 'fleet: matrix', matrix);
    writeResults(values.into, 'fleet: store', store);
  }
}
process.exit(0);
