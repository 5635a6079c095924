import { main } from '../../cli/main.ts';

export type Ran = { code: number; out: string; err: string };

/** Runs one command line in this process, off a terminal, with nothing of the process's own environment. */
export async function run(args: readonly string[], environment: Record<string, string> = {}): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(args, {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    environment,
    columns: null,
    errColumns: null,
    onStop: () => () => undefined,
  });
  return { code, out: out.join(''), err: err.join('') };
}
