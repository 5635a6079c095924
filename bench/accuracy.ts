/**
 * How often the answer is right: labelled logs, played, written, read back through the real database and answered, held
 * against what is true of them.
 *
 *   npm run bench:accuracy -- [--logs 500] [--seed-base N] [--workers 2] [--fixes none|some|all]
 *     [--save DIR] [--replay DIR] [--only TEXT] [--out FILE] [--show SEED]
 *
 * Seeds derive from the last commit that touched what `analyze` loads. `--save` keeps the evidence of each log, and
 * `--replay` answers from it again without playing or reading: for work on a diagnosis, never for a result. `--only` takes
 * the logs whose kind of case contains the text.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { corpusCase, playCorpus } from '../simulation/corpus.ts';
import { studyAll } from './accuracy/crew.ts';
import { isMiss, renderMiss, renderReport } from './accuracy/report.ts';
import { seedBase } from './accuracy/seeds.ts';
import { type StudyOptions, study } from './accuracy/study.ts';

const { values } = parseArgs({
  options: {
    logs: { type: 'string', default: '500' },
    'seed-base': { type: 'string' },
    workers: { type: 'string', default: '2' },
    fixes: { type: 'string' },
    save: { type: 'string' },
    replay: { type: 'string' },
    out: { type: 'string' },
    show: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});

function readFixes(): StudyOptions['fixes'] {
  const { fixes = values.replay === undefined ? 'some' : 'none' } = values;
  if (fixes === 'none' || fixes === 'some' || fixes === 'all') return fixes;
  throw new RangeError(`--fixes is none, some or all: ${fixes}`);
}

const options: StudyOptions = { save: values.save ?? null, replay: values.replay ?? null, fixes: readFixes() };

if (values.show !== undefined) await show(Number(values.show));
else await run();

async function show(seed: number): Promise<void> {
  const studied = await study(seed, { ...options, fixes: values.fixes === undefined ? 'none' : options.fixes });
  if (options.replay === null) console.log(JSON.stringify(playCorpus(corpusCase(seed)).case.parameters, null, 1));
  const { truth, told, fixes, ms, lines } = studied;
  const { applications, ...rest } = truth;
  console.log(JSON.stringify(rest, null, 1));
  console.table(applications.toSorted((a, b) => b.requests - a.requests).slice(0, 12));
  console.table(told.map((finding) => ({ ...finding, explains: Number(finding.explains.toFixed(3)) })));
  if (fixes.length > 0) console.table(fixes);
  console.log(`${lines} lines, ${JSON.stringify(ms)}`);
  console.log(renderMiss(studied));
}

async function run(): Promise<void> {
  const startMs = performance.now();
  const { base, commit, isDirty } = seedBase(new URL('..', import.meta.url).pathname);
  const from = values['seed-base'] === undefined ? base : Number(values['seed-base']);
  const all =
    options.replay === null
      ? Array.from({ length: Number(values.logs) }, (_, index) => from + index)
      : readdirSync(options.replay)
          .map((name) => Number.parseInt(name, 10))
          .sort((a, b) => a - b);
  const seeds = all.filter((seed) => corpusCase(seed).slot.name.includes(values.only));
  const { studied, failed } = await studyAll(seeds, options, Number(values.workers), (done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done}/${seeds.length} `);
  });
  const minutes = ((performance.now() - startMs) / 60_000).toFixed(1);
  const origin =
    values['seed-base'] ?? `commit ${commit.slice(0, 12)}${isDirty ? ' with changes that are not committed' : ''}`;
  const report = [
    `${studied.length} logs, seeds from ${seeds[0]} (${options.replay === null ? origin : 'replayed'}), ${minutes} min`,
    '',
    renderReport(studied),
  ].join('\n');
  for (const one of studied.filter(isMiss))
    console.log(`${one.truth.boundary ? 'between' : 'MISS'} ${renderMiss(one)}`);
  for (const failure of failed) console.log(`FAILED ${failure}`);
  console.log(`\n${report}`);
  if (values.out !== undefined) writeFileSync(values.out, `${report}\n`);
  if (failed.length > 0) process.exitCode = 1;
}
