import { CORPUS_KINDS } from '../../simulation/corpus.ts';
import { isTold } from './score.ts';
import type { Studied } from './study.ts';
import type { FixError } from './what-if.ts';

export type Share = { good: number; of: number };

export type Totals = {
  first: Share;
  caller: Share;
  second: Share;
  healthy: Share;
  boundary: Share;
  kinds: { kind: string; recall: Share }[];
};

const WHAT_IF_POINTS = 5;
const WHAT_IF_PEAK_SHARE = 0.15;
/** Of the limit: a peak of a few requests is by chance, and nobody does anything else at 3 % than at 1 %. */
const WHAT_IF_PEAK_POINTS = 2;

function shareOf<T>(items: readonly T[], isGood: (item: T) => boolean): Share {
  return { good: items.filter(isGood).length, of: items.length };
}

/** Boundary logs are counted apart; `second` counts the second causes of mixes, `kinds` each true cause wherever it stands. */
export function totalsOf(studied: readonly Studied[]): Totals {
  const main = studied.filter(({ truth }) => !truth.boundary);
  const ill = main.filter(({ truth }) => truth.kind !== null);
  const causes = ill.flatMap(({ truth, told }) =>
    truth.causes.map((cause, index) => ({ ...cause, told, alike: index === 0 ? truth.alike : [] })),
  );
  return {
    first: shareOf(ill, ({ score }) => score.first),
    caller: shareOf(ill, ({ score }) => score.caller === true),
    second: shareOf(
      ill.flatMap(({ score }) => score.further.slice(0, 1)),
      ({ found }) => found,
    ),
    healthy: shareOf(
      main.filter(({ truth }) => truth.kind === null),
      ({ score }) => score.first,
    ),
    boundary: shareOf(
      studied.filter(({ truth }) => truth.boundary),
      ({ score }) => score.first,
    ),
    kinds: CORPUS_KINDS.map((kind) => ({
      kind,
      recall: shareOf(
        causes.filter((cause) => cause.kind === kind),
        ({ appId, told, alike }) => [kind, ...alike].some((either) => isTold(told, either, appId)),
      ),
    })),
  };
}

/** The whole report: shares, recall per kind, confusion of what is true with what was told first, what-if per fix. */
export function renderReport(studied: readonly Studied[]): string {
  const totals = totalsOf(studied);
  const rows: [string, Share, string][] = [
    ['true cause first', totals.first, '95 %'],
    ['true caller', totals.caller, '98 %'],
    ['second cause of a mix among the findings', totals.second, '90 %'],
    ['healthy: nothing likely or confirmed', totals.healthy, '98 %'],
    ['between two behaviours: an acceptable cause first', totals.boundary, 'apart'],
  ];
  return [
    '| | share | logs | aim |',
    '|---|---|---|---|',
    ...rows.map(([name, share, aim]) => `| ${name} | ${percent(share)} | ${share.of} | ${aim} |`),
    '',
    '| kind | recall | true in |',
    '|---|---|---|',
    ...totals.kinds.map(({ kind, recall }) => `| ${kind} | ${percent(recall)} | ${recall.of} |`),
    '',
    'What is true (rows) and what was told first (columns), boundary cases left out:',
    '',
    ...confusion(studied.filter(({ truth }) => !truth.boundary)),
    '',
    ...whatIfRows(studied),
    '',
    ...timeRows(studied),
  ].join('\n');
}

export function percent({ good, of }: Share): string {
  return of === 0 ? '-' : `${((100 * good) / of).toFixed(1)} %`;
}

function confusion(studied: readonly Studied[]): string[] {
  const trueKind = ({ truth }: Studied): string => truth.kind ?? 'healthy';
  const toldFirst = ({ told }: Studied): string => {
    const [first] = told;
    return first === undefined ? 'nothing' : first.kind;
  };
  const columns = [...new Set(studied.map(toldFirst))].sort();
  return [
    `| | ${columns.join(' | ')} |`,
    `|---|${columns.map(() => '---').join('|')}|`,
    ...[...new Set(studied.map(trueKind))].sort().map((row) => {
      const own = studied.filter((one) => trueKind(one) === row);
      const cells = columns.map((column) => own.filter((one) => toldFirst(one) === column).length || '');
      return `| ${row} | ${cells.join(' | ')} |`;
    }),
  ];
}

function whatIfRows(studied: readonly Studied[]): string[] {
  const errors = studied.flatMap(({ fixes }) => fixes);
  if (errors.length === 0) return ['What-if was not compared.'];
  const ids = [...new Set(errors.map(({ fix }) => fix))].sort();
  const row = (name: string, own: typeof errors): string => {
    const share = shareOf(own, (e) => Math.abs(e.predictedPercent - e.truePercent) <= WHAT_IF_POINTS);
    const peakError = (e: FixError): number => Math.abs(e.predictedPeak - e.truePeak);
    const peak = shareOf(own, (e) => peakError(e) <= WHAT_IF_PEAK_SHARE * e.truePeak);
    const near = shareOf(
      own,
      (e) => peakError(e) <= Math.max(WHAT_IF_PEAK_SHARE * e.truePeak, WHAT_IF_PEAK_POINTS / 100),
    );
    return `| ${name} | ${own.length} | ${percent(share)} | ${percent(peak)} | ${percent(near)} |`;
  };
  return [
    `| fix | plays | throttled share within ${WHAT_IF_POINTS} points | peak within ${100 * WHAT_IF_PEAK_SHARE} % | or ${WHAT_IF_PEAK_POINTS} points of the limit |`,
    '|---|---|---|---|---|',
    ...ids.map((id) =>
      row(
        id,
        errors.filter(({ fix }) => fix === id),
      ),
    ),
    row('all', errors),
  ];
}

function timeRows(studied: readonly Studied[]): string[] {
  const seconds = (of: (one: Studied) => number): string =>
    (studied.reduce((sum, one) => sum + of(one), 0) / 1000).toFixed(0);
  const lines = studied.reduce((sum, one) => sum + one.lines, 0);
  return [
    `${studied.length} logs, ${(lines / 1e6).toFixed(1)} million lines; seconds of work: playing ${seconds(({ ms }) => ms.play)}, ` +
      `reading ${seconds(({ ms }) => ms.gather)}, answering ${seconds(({ ms }) => ms.answer)}, playing fixes ${seconds(({ ms }) => ms.fixes)}`,
  ];
}

/** One line for a log that was not told right: seed, truth, findings. */
export function renderMiss({ seed, slot, truth, told, score }: Studied): string {
  const at = (time: string | null): string => (time === null ? '-' : time.slice(11, 19));
  const wrong = [
    ...(score.first ? [] : ['first']),
    ...(score.caller === false ? ['caller'] : []),
    ...score.further.filter(({ found }) => !found).map(({ kind }) => `without ${kind}`),
  ];
  const causes = truth.causes.map(({ kind, appId, onset }) => `${kind} ${short(appId)} ${at(onset)}`).join(' + ');
  const findings = told.map(
    ({ kind, caller, verdict, explains, role, onset }) =>
      `${kind} ${short(caller)} ${verdict} ${explains.toFixed(2)} ${role} ${at(onset)}`,
  );
  return `${seed} [${slot}] ${wrong.join(', ')}: true ${causes || 'healthy'} (${truth.refused} of ${truth.requests} refused) told ${findings.join('; ') || 'nothing'}`;
}

function short(id: string | null): string {
  return id === null ? '-' : id.slice(0, 8);
}

export function isMiss({ score }: Studied): boolean {
  return !score.first || score.caller === false || score.further.some(({ found }) => !found);
}
