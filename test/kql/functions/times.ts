import { KqlError } from '../error.ts';
import { constantOf, numberOf, type ScalarFunction, strict } from '../expression.ts';
import { DAY_US, dateOf, formatDatetime, periodsBetween, startOf, UNIT_US } from '../time.ts';
import type { Type, Value } from '../values.ts';

function ofTime(type: Type, compute: (us: number) => Value): ScalarFunction {
  return (args) => strict(type, args.slice(0, 1), ([us]) => compute(Number(us)));
}

function boundary(period: string, end: boolean): ScalarFunction {
  return ([at, offset]) => {
    if (at === undefined) throw new KqlError(`startof${period} of nothing`);
    const by = offset === undefined ? 0 : numberOf(offset, 'the offset');
    return strict('datetime', [at], ([us]) =>
      end ? startOf(period, Number(us), by + 1) - 1 : startOf(period, Number(us), by),
    );
  };
}

function sinceEpoch(unitUs: number): ScalarFunction {
  return (args) => strict('datetime', args, ([value]) => Math.trunc(Number(value) * unitUs));
}

const datetimeDiff: ScalarFunction = ([period, to, from]) => {
  if (to === undefined || from === undefined) throw new KqlError('datetime_diff takes a period and two datetimes');
  const unit = String(constantOf(period, 'the period of datetime_diff')).toLowerCase();
  return strict('long', [to, from], ([end, start]) => periodsBetween(unit, Number(end), Number(start)));
};

const datetimeAdd: ScalarFunction = ([period, amount, at]) => {
  if (amount === undefined || at === undefined)
    throw new KqlError('datetime_add takes a period, an amount and a datetime');
  const unit = String(constantOf(period, 'the period of datetime_add')).toLowerCase();
  const unitUs = unit === 'week' ? 7 * DAY_US : UNIT_US[unit];
  if (unitUs === undefined) throw new KqlError(`datetime_add of ${unit} is not known`);
  return strict('datetime', [amount, at], ([count, us]) => Number(us) + Number(count) * unitUs);
};

const datetimePart: ScalarFunction = ([part, at]) => {
  if (at === undefined) throw new KqlError('datetime_part takes a part and a datetime');
  const name = String(constantOf(part, 'the part of datetime_part')).toLowerCase();
  const read = PARTS[name];
  if (read === undefined) throw new KqlError(`datetime_part of ${name} is not known`);
  return strict('int', [at], ([us]) => read(Number(us)));
};

const PARTS: Readonly<Record<string, (us: number) => number>> = {
  year: (us) => dateOf(us).getUTCFullYear(),
  month: (us) => dateOf(us).getUTCMonth() + 1,
  day: (us) => dateOf(us).getUTCDate(),
  hour: (us) => dateOf(us).getUTCHours(),
  minute: (us) => dateOf(us).getUTCMinutes(),
  second: (us) => dateOf(us).getUTCSeconds(),
  millisecond: (us) => dateOf(us).getUTCMilliseconds(),
  microsecond: (us) => ((us % 1_000_000) + 1_000_000) % 1_000_000,
};

const FORMATS: Readonly<Record<string, (text: string) => string>> = {
  yyyy: (text) => text.slice(0, 4),
  MM: (text) => text.slice(5, 7),
  dd: (text) => text.slice(8, 10),
  HH: (text) => text.slice(11, 13),
  mm: (text) => text.slice(14, 16),
  ss: (text) => text.slice(17, 19),
  fff: (text) => text.slice(20, 23),
  ffffff: (text) => text.slice(20, 26),
};

const formatDatetimeFunction: ScalarFunction = ([at, format]) => {
  if (at === undefined) throw new KqlError('format_datetime of nothing');
  const parts = String(constantOf(format, 'the format')).split(/([a-zA-Z]+)/);
  return strict('string', [at], ([us]) => {
    const text = formatDatetime(Number(us));
    return parts
      .map((part) => {
        if (!/^[a-zA-Z]/.test(part)) return part;
        const read = FORMATS[part];
        if (read === undefined) throw new KqlError(`format ${part} of a datetime is not known`);
        return read(text);
      })
      .join('');
  });
};

const now: ScalarFunction = () => {
  throw new KqlError('now() and ago() are refused: a query carries its times');
};

/** @see https://learn.microsoft.com/kusto/query/scalar-functions#datetimetimespan-functions */
export const TIME_FUNCTIONS: Readonly<Record<string, ScalarFunction>> = {
  now,
  ago: now,
  datetime_diff: datetimeDiff,
  datetime_add: datetimeAdd,
  datetime_part: datetimePart,
  format_datetime: formatDatetimeFunction,
  unixtime_seconds_todatetime: sinceEpoch(1_000_000),
  unixtime_milliseconds_todatetime: sinceEpoch(1_000),
  unixtime_microseconds_todatetime: sinceEpoch(1),
  startofday: boundary('day', false),
  startofweek: boundary('week', false),
  startofmonth: boundary('month', false),
  startofyear: boundary('year', false),
  endofday: boundary('day', true),
  endofweek: boundary('week', true),
  endofmonth: boundary('month', true),
  endofyear: boundary('year', true),
  hourofday: ofTime('int', (us) => dateOf(us).getUTCHours()),
  dayofmonth: ofTime('int', (us) => dateOf(us).getUTCDate()),
  monthofyear: ofTime('int', (us) => dateOf(us).getUTCMonth() + 1),
  getyear: ofTime('int', (us) => dateOf(us).getUTCFullYear()),
  dayofweek: ofTime('timespan', (us) => dateOf(us).getUTCDay() * DAY_US),
};
