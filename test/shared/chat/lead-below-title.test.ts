import { expect, test } from 'vitest';
import { leadBelowTitle } from '../../../shared/chat/lead-below-title.ts';
import { buildMessage } from '../../../shared/chat/message.ts';
import { CASES, incident } from './incidents.ts';

const { findings } = buildMessage(CASES['retry-storm'] ?? incident());
const whole = findings[0]?.summary ?? '';

test.each<[string, string[], string[]]>([
  ['leaves out what the title says', ['kv: retry storm. retries at once', 'b', 'c'], ['Retries at once', 'b', 'c']],
  ['shows a cut cause whole', [`kv: retry storm. ${whole.slice(0, 20)}…`, 'b'], [whole, 'b']],
  ['keeps another cut sentence', ['kv: retry storm. Nobody said thi…'], ['Nobody said thi…']],
  ['leaves out a line that says nothing else', ['kv: retry storm', 'b'], ['b']],
  ['keeps a lead that begins otherwise', ['Alert storm', 'b', 'c', 'd'], ['Alert storm', 'b', 'c']],
  ['is empty without a lead', [], ['']],
])('the lead below a title %s', (_what, lead, expected) => {
  expect(leadBelowTitle({ title: 'kv: retry storm', lead, findings })).toEqual(expected);
});
