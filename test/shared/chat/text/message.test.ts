import { expect, test } from 'vitest';
import { buildMessage } from '../../../../shared/chat/message.ts';
import { renderText } from '../../../../shared/chat/text/message.ts';
import { CASES } from '../cases.ts';
import { incident } from '../incidents.ts';

const ESC = String.fromCharCode(27);

test('colours the first line by severity, and only when asked to', () => {
  const message = buildMessage(CASES['retry-storm'] ?? incident());
  expect(renderText(message)).not.toContain(ESC);
  expect(renderText(message, { colour: true }).startsWith(`${ESC}[1;31mkv-orders-prod: retry storm`)).toBe(true);
  const resolved = buildMessage(CASES['resolved'] ?? incident());
  expect(renderText(resolved, { colour: true }).startsWith(`${ESC}[1;32m`)).toBe(true);
});

test('fits a narrower terminal, and no wider line is drawn on a wider one', () => {
  const message = buildMessage(CASES['retry-storm'] ?? incident());
  const widest = (columns: number) =>
    Math.max(
      ...renderText(message, { columns })
        .split('\n')
        .map((line) => line.length),
    );
  expect(widest(60)).toBeLessThanOrEqual(60);
  expect(widest(200)).toBeLessThanOrEqual(80);
});

test('never cuts an address: a link that does not fit is left out', () => {
  const long = { label: 'Runbook', url: `https://wiki.example.com/${'a'.repeat(100)}` };
  expect(renderText(buildMessage(incident(), { links: [long] }))).not.toContain('aaaa');
});
