import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import * as z from 'zod/mini';
import type { Analysis } from '../../../shared/model.ts';
import { AnalysisSchema } from '../../../shared/pipeline/analysis-schema.ts';
import { makeFolder, removeFolder } from '../../shared/adapters/folder.ts';
import { type Asked, line } from '../../shared/evidence/kit.ts';
import { type Ran, run } from '../kit.ts';

export type Workplace = {
  folder: string;
  /** Where the command keeps what it needs while it works. */
  home: string;
  write(name: string, content: string | Uint8Array): string;
  /** Key Vault's records as JSON lines. */
  writeLog(name: string, records: readonly Asked[]): string;
  analyze(...args: string[]): Promise<Ran>;
  /** The same where it is to succeed: what it prints. */
  answered(...args: string[]): Promise<string>;
  /** The document that `--json` prints, which holds exactly the published fields. */
  documentOf(...args: string[]): Promise<Analysis>;
};

/** What an analysis printed, by its arguments, of logs that no test writes: one that is as it was is not read again. */
const known = new Map<string, Promise<string>>();

/** Only a machine that has much else to do takes long enough to say how far it is. */
const PROGRESS = /^(?:reading|unpacking|working out[^:\n]*): \d+ %.*\n/gm;

/** A folder for logs, and a home of the command's own; gone when the tests of the file have ended. */
export function openWorkplace(): Workplace {
  const folder = makeFolder();
  afterAll(() => removeFolder(folder));
  const home = join(folder, 'home');
  const write: Workplace['write'] = (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const analyze: Workplace['analyze'] = async (...args) => {
    const { err, ...ran } = await run(['analyze', ...args], { HEADROOM_HOME: home });
    return { ...ran, err: err.replace(PROGRESS, '') };
  };
  const succeed: Workplace['answered'] = async (...args) => {
    const { code, out } = await analyze(...args);
    expect(code).toBe(0);
    return out;
  };
  const answered: Workplace['answered'] = (...args) => {
    if (args.some((arg) => arg.startsWith(folder))) return succeed(...args);
    const key = JSON.stringify(args);
    const once = known.get(key) ?? succeed(...args);
    known.set(key, once);
    return once;
  };
  return {
    ...{ folder, home, write, analyze, answered },
    writeLog: (name, records) => write(name, `${records.map(line).join('\n')}\n`),
    async documentOf(...args) {
      const document: unknown = JSON.parse(await answered(...args, '--json'));
      expect(z.safeParse(AnalysisSchema, document).error?.issues ?? []).toEqual([]);
      return z.parse(AnalysisSchema, document);
    },
  };
}
