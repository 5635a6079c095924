/**
 * A process that dies. `once`: right after one write was answered. `flood`: it writes until it is killed, and names each
 * answered write on its output, but only after it was answered.
 */
import { writeSync } from 'node:fs';
import { openSqlite } from '../../../../shared/adapters/sqlite/open.ts';
import { systemClock } from '../../../../shared/adapters/system/clock.ts';

const STDOUT = 1;
const [, , path = '', mode = ''] = process.argv;
const store = await openSqlite({ path, clock: systemClock });

async function writeOne(id: string): Promise<void> {
  await Promise.all([
    store.records.put({ partition: 'p', id }, { v: 1, id }, 'absent'),
    store.queue.send({ v: 1, incidentId: id }),
  ]);
}

async function flood(writer: number): Promise<void> {
  for (let n = 0; ; n += 1) {
    await writeOne(`${writer}-${n}`);
    writeSync(STDOUT, `${writer}-${n}\n`);
  }
}

if (mode === 'once') {
  await writeOne('only');
  process.kill(process.pid, 'SIGKILL');
}
await Promise.all(Array.from({ length: 20 }, (_, writer) => flood(writer)));
