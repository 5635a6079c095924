import { cleanLine } from '../chat/plain.ts';
import { escapeMarkdown, markdownTable } from '../chat/text/markdown-escape.ts';
import { alignTable } from '../chat/text/table.ts';
import { wrap } from '../chat/text/width.ts';
import { countWords, numberWords } from '../chat/words.ts';
import type { Onboarding, OnboardRow } from './onboard.ts';

const COLUMNS = [
  'resource',
  'region',
  'audit log',
  'table, plan',
  'rules',
  'requests/month',
  'logs now USD',
  'adds USD',
];

/** A command is shown whole. */
const LINE_MAX = 1_000;

/** The plan as a table and four lists, lines of at most `columns`; commands are not wrapped, so that they can be pasted. */
export function renderOnboardingText(plan: Onboarding, columns: number): string {
  const lists = sections(plan).flatMap(([title, lines]) => [
    '',
    title,
    ...lines.flatMap((line) => (line.includes(': az ') ? [`  ${cleanLine(line, LINE_MAX)}`] : indented(line, columns))),
  ]);
  const table = { columns: COLUMNS, rows: plan.rows.map(cellsOf) };
  return `${[summaryOf(plan), '', ...alignTable(table, columns), ...lists].join('\n')}\n`;
}

/** The plan as Markdown. */
export function renderOnboardingMarkdown(plan: Onboarding): string {
  const lists = sections(plan).flatMap(([title, lines]) => [
    '',
    `## ${title}`,
    '',
    ...lines.map((line) => `- ${escapeMarkdown(line, LINE_MAX)}`),
  ]);
  return `${['# Onboarding', '', escapeMarkdown(summaryOf(plan)), '', ...markdownTable(COLUMNS, plan.rows.map(cellsOf)), ...lists].join('\n')}\n`;
}

function summaryOf({ rows, cost, truncated }: Onboarding): string {
  const vaults = rows.filter(({ kind }) => kind === 'vault').length;
  const unknown = rows.filter(({ audit, requestsPerMonth }) => audit.state === 'added' && requestsPerMonth === null);
  const added = cost.addedLogUsd + cost.addedRulesUsd;
  const sentences = [
    `${countWords(vaults, 'vault')}, ${countWords(rows.length - vaults, 'App Configuration store')}.`,
    `A deployment adds USD ${money(added)} a month: rules ${money(cost.addedRulesUsd)}, logs ${money(cost.addedLogUsd)} (${cost.addedLogGb.toFixed(1)} GB).`,
    ...(unknown.length === 0
      ? []
      : [`Not counted: the log of ${countWords(unknown.length, 'vault')} without figures.`]),
    ...(truncated ? ['There are more than were listed: name fewer scopes.'] : []),
    'Nothing was changed.',
  ];
  return sentences.join(' ');
}

function sections({ adds, leaves, yours, private: needs, unread }: Onboarding): [string, string[]][] {
  const refused = unread.map(({ what, nextStep }) => `${what}. Next: ${nextStep}`);
  const all: [string, string[]][] = [
    ['A deployment would add', adds.length === 0 ? ['nothing'] : adds],
    ['It would leave', leaves],
    ['For you to do', yours],
    ['Private mode', needs],
    ['Could not be read', refused],
  ];
  return all.filter(([, lines]) => lines.length > 0);
}

function cellsOf({ name, region, audit, rules, requestsPerMonth, cost }: OnboardRow): string[] {
  const requests = requestsPerMonth === null ? '?' : numberWords(requestsPerMonth);
  const added = cost.addedLogUsd + cost.addedRulesUsd;
  return [name, region, ...auditCells(audit), rules, requests, amount(cost.nowLogUsd), amount(added)];
}

function auditCells(audit: OnboardRow['audit']): [string, string] {
  switch (audit.state) {
    case 'kept': {
      const workspaces = audit.settings.map(({ workspaceId }) => (workspaceId ?? '').split('/').at(-1) ?? '');
      const tables = audit.settings.map(({ table, plan }) => `${table} ${plan ?? '?'}`);
      return [workspaces.join(', '), [...new Set(tables)].join(', ')];
    }
    case 'left':
      return [`none, ${audit.why}`, '-'];
    case 'added':
      return ['added by policy', 'AZKVAuditLogs'];
    case 'missing':
      return ['none', '-'];
    case 'unread':
      return ['not readable', '?'];
  }
}

function indented(line: string, columns: number): string[] {
  return wrap(cleanLine(line, LINE_MAX), columns - 4).map((part, at) => `${at === 0 ? '  ' : '    '}${part}`);
}

function amount(usd: number): string {
  return usd === 0 ? '-' : money(usd);
}

function money(usd: number): string {
  return usd >= 10 ? numberWords(Math.round(usd)) : usd.toFixed(2);
}
