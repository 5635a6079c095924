/** Requests by caller, one line after the other, as a script of ten lines does it. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

const [file = ''] = process.argv.slice(2);
const requests = new Map<string, number>();
for await (const line of createInterface({ input: createReadStream(file) })) {
  const caller: string = JSON.parse(line).identity?.claim?.appid ?? 'none';
  requests.set(caller, (requests.get(caller) ?? 0) + 1);
}
process.stdout.write(`${[...requests].map((each) => each.join(' ')).join('\n')}\n`);
