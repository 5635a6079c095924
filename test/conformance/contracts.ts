/** Which port has which implementations, and what of each was tried: told at the end, from what ran. */

/** One test that ran: the titles above it, outermost first, its own, and whether it passed. */
export type RanTest = { suite: string; title: string; passed: boolean };

type Row = { port: string; implementation: string; passed: number; total: number };

const CONTRACT = /^(.+) as (?:an? )?(Records|Queue|PayloadStore|ChatSender|EvidenceReader|ControlPlane)$/;
const FAILURES = /^(.+), when it fails$/;

/** A test says in its first word which failure it is about, or in the words of its contract. */
const FAILURE_TITLES = {
  dead: /^dead:|^says of a (?:store that is dead|dead service)/,
  denied: /^denied:|^says of a store that is refusing us|^names the permission that is missing/,
  slow: /^slow:|^lets go of a store that never answers|^ends when it is told to, though nobody answers/,
};
const PORT_WIDTH = 16;
const KINDS = ['dead', 'denied', 'slow'] as const;

/** The list as lines of text: ports, their implementations, and beside each which failures of it are tests of their own. */
export function listContracts(ran: readonly RanTest[]): string[] {
  const rows = contractRows(ran);
  const lines = rows.map(({ port, implementation, passed, total }) => {
    const failures = KINDS.map((kind) => (coversFailure(ran, implementation, kind) ? kind : '-'.padEnd(kind.length)));
    return `${port.padEnd(PORT_WIDTH)}${implementation.padEnd(31)}${`${passed} of ${total}`.padEnd(10)} ${failures.join('  ')}`;
  });
  return [`${'port'.padEnd(PORT_WIDTH)}implementation                 tests      tried when it is`, ...lines];
}

function contractRows(ran: readonly RanTest[]): Row[] {
  const rows = new Map<string, Row>();
  for (const { suite, passed } of ran) {
    const [, implementation, port] = CONTRACT.exec(suite) ?? [];
    if (implementation === undefined || port === undefined) continue;
    const row = rows.get(suite) ?? { port, implementation, passed: 0, total: 0 };
    rows.set(suite, { ...row, passed: row.passed + (passed ? 1 : 0), total: row.total + 1 });
  }
  return [...rows.values()].sort((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1));
}

function sortKey({ port, implementation }: Row): string {
  return `${port} ${implementation}`;
}

/** `DynamoDB on Moto` fails as `DynamoDB` does. */
function coversFailure(ran: readonly RanTest[], implementation: string, kind: (typeof KINDS)[number]): boolean {
  const [product] = implementation.split(' on ');
  return ran.some(({ suite, title, passed }) => {
    const of = FAILURES.exec(suite)?.[1] ?? CONTRACT.exec(suite)?.[1];
    return passed && (of === product || of === implementation) && FAILURE_TITLES[kind].test(title);
  });
}
