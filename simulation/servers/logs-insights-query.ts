/** What a log group holds. */
export type LogEvent = { atMs: number; message: string };

type Value = string | number;
type LogRecord = Map<string, Value>;

/** Thrown for whatever the service would call malformed, and for all that is not simulated. */
export class MalformedQuery extends Error {}

/**
 * Runs the part of Logs Insights that is asked here: `fields`, `stats` over `bin(1m)`, `sort` and `limit`, with the functions
 * `greatest`, `strcontains` and `tolower`. Anything else is malformed.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */
export function runInsights(text: string, events: readonly LogEvent[]): Map<string, Value>[] {
  let records: LogRecord[] = events.map(
    ({ atMs, message }) =>
      new Map<string, Value>([
        ['@timestamp', atMs],
        ['@message', message],
      ]),
  );
  for (const command of commandsOf(text)) {
    const reader = createReader(command);
    const name = reader.word();
    if (name === 'fields') records = fields(reader, records);
    else if (name === 'stats') records = stats(reader, records);
    else if (name === 'sort') records = sort(reader, records);
    else if (name === 'limit') records = records.slice(0, Number(reader.word()));
    else throw new MalformedQuery(`unknown command ${name}`);
    reader.end();
  }
  return records;
}

/** Divided by pipes, save those in literals. */
function commandsOf(text: string): string[] {
  const commands = text.match(/(?:"(?:[^"\\\n]|\\.)*"|[^|"])+/g) ?? [];
  if (commands.join('|').length !== text.length) throw new MalformedQuery('a literal without end');
  return commands;
}

type Reader = {
  word(): string;
  /** Whether this stands next; then it is passed over. */
  is(token: string): boolean;
  literal(): string | null;
  end(): void;
};

function createReader(command: string): Reader {
  const tokens = command.match(/"(?:[^"\\\n]|\\.)*"|[@\w.]+|[(),*]|\S/g) ?? [];
  let at = 0;
  return {
    word() {
      const token = tokens[at] ?? '';
      if (!/^[@\w.]+$/.test(token)) throw new MalformedQuery(`unexpected ${token}`);
      at += 1;
      return token;
    },
    is(token) {
      if (tokens[at] !== token) return false;
      at += 1;
      return true;
    },
    literal() {
      const token = tokens[at] ?? '';
      if (!token.startsWith('"')) return null;
      at += 1;
      return token.slice(1, -1).replace(/\\(.)/g, '$1');
    },
    end() {
      if (at < tokens.length) throw new MalformedQuery(`unexpected ${tokens[at]}`);
    },
  };
}

function expect(reader: Reader, token: string): void {
  if (!reader.is(token)) throw new MalformedQuery(`${token} expected`);
}

type Expression = (record: LogRecord) => Value;

function expression(reader: Reader): Expression {
  const literal = reader.literal();
  if (literal !== null) return () => literal;
  const name = reader.word();
  if (!reader.is('(')) return (record) => record.get(name) ?? '';
  const parts: Expression[] = [];
  do parts.push(expression(reader));
  while (reader.is(','));
  expect(reader, ')');
  const run = FUNCTIONS[name];
  if (!run) throw new MalformedQuery(`unknown function ${name}`);
  return (record) => run(parts.map((part) => part(record)));
}

const FUNCTIONS: Readonly<Record<string, (values: Value[]) => Value>> = {
  greatest: (values) => Math.max(...values.map(Number)),
  strcontains: ([text = '', part = '']) => (String(text).includes(String(part)) ? 1 : 0),
  tolower: ([text = '']) => String(text).toLowerCase(),
};

function fields(reader: Reader, records: LogRecord[]): LogRecord[] {
  do {
    const value = expression(reader);
    expect(reader, 'as');
    const name = reader.word();
    for (const record of records) record.set(name, value(record));
  } while (reader.is(','));
  return records;
}

function stats(reader: Reader, records: readonly LogRecord[]): LogRecord[] {
  const wanted: { name: string; of(group: readonly LogRecord[]): number }[] = [];
  do {
    const aggregate = reader.word();
    expect(reader, '(');
    const field = reader.is('*') ? '*' : reader.word();
    expect(reader, ')');
    expect(reader, 'as');
    const of = (group: readonly LogRecord[]): number =>
      aggregate === 'count' ? group.length : group.reduce((sum, record) => sum + Number(record.get(field)), 0);
    if (!['count', 'sum'].includes(aggregate)) throw new MalformedQuery(`unknown aggregate ${aggregate}`);
    wanted.push({ name: reader.word(), of });
  } while (reader.is(','));
  expect(reader, 'by');
  expect(reader, 'bin');
  expect(reader, '(');
  expect(reader, '1m');
  expect(reader, ')');
  expect(reader, 'as');
  const key = reader.word();
  const groups = Map.groupBy(records, (record) => Math.floor(Number(record.get('@timestamp')) / 60_000) * 60_000);
  return [...groups].map(([atMs, group]) => {
    const time = new Date(atMs).toISOString().replace('T', ' ').replace('Z', '');
    return new Map<string, Value>([[key, time], ...wanted.map(({ name, of }): [string, Value] => [name, of(group)])]);
  });
}

function sort(reader: Reader, records: readonly LogRecord[]): LogRecord[] {
  const name = reader.word();
  const sign = reader.is('desc') ? -1 : 1;
  if (sign === 1) reader.is('asc');
  const order = (a: Value, b: Value): number => (a === b ? 0 : a < b ? -1 : 1);
  return records.toSorted((a, b) => sign * order(a.get(name) ?? '', b.get(name) ?? ''));
}
