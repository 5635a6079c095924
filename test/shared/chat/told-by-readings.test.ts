/** Findings that no audit log of a vault tells of; those that one does are in `test/cli/analyze/kinds.test.ts`. */
import { expect, test } from 'vitest';
import { buildMessage } from '../../../shared/chat/message.ts';
import { renderText } from '../../../shared/chat/text/message.ts';
import { incidentOfKind } from '../../console/shown-kinds.ts';
import { expectGolden } from './golden.ts';

test.each(['platform-event', 'quota-exhausted'])(
  'the text of %s reads as its golden text, 40 lines of 80 columns at most',
  async (kind) => {
    const message = buildMessage(await incidentOfKind(kind));
    const text = renderText(message);
    const lines = text.split('\n');
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.slice(0, 3)).toEqual(message.lead);
    expectGolden(`explain.${kind}.txt`, `${text}\n`);
  },
);
