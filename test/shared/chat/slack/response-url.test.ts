import { expect, test } from 'vitest';
import { isSlackHook } from '../../../../shared/chat/slack/response-url.ts';

test.each([
  'https://hooks.slack.com/commands/T1/1/x',
  'https://hooks.slack.com/actions/T1/1/x',
  'https://hooks.slack-gov.com/commands/T1/1/x',
])('an answer may go to %s', (url) => {
  expect(isSlackHook(url)).toBe(true);
});

test.each([
  'http://hooks.slack.com/commands/T1',
  'https://hooks.slack.com:8443/commands/T1',
  'https://hooks.slack.com.evil.example/commands',
  'https://evil.example/hooks.slack.com',
  'https://hooks.slack.com@evil.example/',
  'https://user:pass@hooks.slack.com/commands',
  'https://slack.com/api/chat.postMessage',
  'https://xhooks.slack.com/',
  'file:///etc/passwd',
  '//hooks.slack.com/',
  '',
])('an answer may not go to %s', (url) => {
  expect(isSlackHook(url)).toBe(false);
});

test('with an emulator answers go there alone', () => {
  expect(isSlackHook('http://127.0.0.1:9000/commands/1', 'http://127.0.0.1:9000/slack')).toBe(true);
  expect(isSlackHook('http://127.0.0.1:9001/commands/1', 'http://127.0.0.1:9000')).toBe(false);
  expect(isSlackHook('https://hooks.slack.com/commands/1', 'http://127.0.0.1:9000')).toBe(false);
});
