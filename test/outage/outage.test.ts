import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildMessage } from '../../shared/chat/message.ts';
import { listIncidents } from '../../shared/pipeline/read.ts';
import type { RouteResponse } from '../../shared/routes/http.ts';
import { corpusCase, playCorpus } from '../../simulation/corpus.ts';
import { run } from '../cli/kit.ts';
import { folderForTest } from '../shared/adapters/folder.ts';
import { type FakeChat, fakeChat } from '../shared/pipeline/chat.ts';
import { azureAlert, moveOn, workOff } from '../shared/pipeline/kit.ts';
import { requestOf } from '../shared/routes/requests.ts';
import { type Account, type Instance, openAccount, startInstance } from './installation.ts';

/** The evening of the outage of February 2026, which lasted six and a half hours; this one lasts three times as long. */
const START = '2026-02-02T18:00:00.000Z';
const MINUTE_MS = 60_000;
const OUTAGE_HOURS = 20;
/** When an action group calls again after a 503, from the first call. @see https://learn.microsoft.com/azure/azure-monitor/alerts/action-groups */
const RETRIES_AFTER_SECONDS = [0, 5, 25, 30, 70, 75];

let account: Account;
let chat: FakeChat;
beforeEach(async () => {
  account = await openAccount(START);
  chat = fakeChat();
});
afterEach(() => account.endpoint.close());

/** An alert about a vault of its own, as Azure Monitor numbers it. */
function alertAbout(vault: number): string {
  const firedAt = new Date(account.clock.now() - MINUTE_MS).toISOString();
  const id = `0b9d3e5a-0000-4000-8000-${String(vault).padStart(12, '0')}`;
  return JSON.stringify(azureAlert({ firedAt, vaults: [`kv-${vault}`] })).replace(`kv-throttled-${firedAt}`, id);
}

function send(instance: Instance, body: string): Promise<RouteResponse> {
  const headers = { 'content-type': 'application/json' };
  return instance.route(
    requestOf({ method: 'POST', path: '/api/alerts/azure', query: { token: 't0ken' }, headers, body }),
  );
}

/** Lets hours pass as the host would: the queue is worked off every minute. */
async function pass(instance: Instance, hours: number): Promise<void> {
  for (let minute = 0; minute < hours * 60; minute += 1) {
    await workOff(instance);
    await moveOn(account.clock, MINUTE_MS);
  }
}

async function notes(instance: Instance): Promise<string[][]> {
  const { incidents } = await listIncidents(instance.deps, { limit: 100 });
  return incidents.map((incident) => buildMessage(incident).notes.map(({ text }) => text));
}

describe('managed identity gone for 20 hours', () => {
  test('leaves an instance that has its tokens working: every alert is taken in, posted and looked into', async () => {
    const warm = startInstance(account, 1, [chat]);
    expect((await send(warm, alertAbout(0))).status).toBe(202);
    await pass(warm, 1);
    account.endpoint.setOutage({ status: 503 });
    const before = account.endpoint.requests();
    for (let hour = 1; hour <= OUTAGE_HOURS; hour += 1) {
      expect((await send(warm, alertAbout(hour))).status).toBe(202);
      await pass(warm, 1);
    }
    expect(chat.standing.map(({ revisions }) => revisions.length > 0)).toHaveLength(OUTAGE_HOURS + 1);
    expect((await notes(warm)).flat().filter((note) => /Unverified|no token/.test(note))).toEqual([]);
    expect(account.endpoint.requests() - before).toBe(0);
  });

  test('leaves an instance that has a token for its stores alone posting, says what could not be read, and completes it afterwards', async () => {
    const half = startInstance(account, 1, [chat]);
    expect((await send(half, alertAbout(0))).status).toBe(202);
    account.endpoint.setOutage({ status: 503 });
    await pass(half, 1);
    expect((await send(half, alertAbout(1))).status).toBe(202);
    await pass(half, OUTAGE_HOURS - 1);
    expect(chat.standing).toHaveLength(2);
    for (const { body } of chat.standing)
      expect(body.replaceAll(/\s+/g, ' ')).toContain('could not be asked whether it knows this alert');
    // Two incidents, asked about every half hour at most: no storm on what is down.
    expect(account.endpoint.requests()).toBeLessThan(2 * 2 * OUTAGE_HOURS * 2);
    account.endpoint.setOutage('none');
    await pass(half, 1.5);
    expect(chat.standing).toHaveLength(2);
    expect((await notes(half)).flat().filter((note) => /Unverified/.test(note))).toEqual([]);
    for (const { body } of chat.standing) expect(body.replaceAll(/\s+/g, ' ')).not.toContain('could not be asked');
    const { incidents } = await listIncidents(half.deps, { limit: 10 });
    expect(incidents.map(({ verified, diagnosedAt }) => [verified, diagnosedAt !== undefined])).toEqual([
      [true, true],
      [true, true],
    ]);
  });

  test('has an instance without a token answer 503, so that the action group calls again and finds one that has', async () => {
    const warm = startInstance(account, 1, [chat]);
    await send(warm, alertAbout(0));
    await pass(warm, 0.1);
    account.endpoint.setOutage({ status: 503 });
    const cold = startInstance(account, 2, [chat]);
    const before = account.endpoint.requests();
    for (let hour = 1; hour <= OUTAGE_HOURS; hour += 1) {
      const body = alertAbout(hour);
      let passedSeconds = 0;
      for (const [nth, seconds] of RETRIES_AFTER_SECONDS.entries()) {
        await moveOn(account.clock, (seconds - passedSeconds) * 1_000);
        passedSeconds = seconds;
        const response = await send(nth < 5 ? cold : warm, body);
        expect([response.status, response.headers['retry-after']]).toEqual(nth < 5 ? [503, '5'] : [202, undefined]);
      }
      await pass(warm, 1);
    }
    expect(chat.standing).toHaveLength(OUTAGE_HOURS + 1);
    expect((await listIncidents(warm.deps, { limit: 100 })).incidents).toHaveLength(OUTAGE_HOURS + 1);
    // One probe a call at most, whatever each call tries: 100 calls.
    expect(account.endpoint.requests() - before).toBeLessThanOrEqual(100 + 3);
    account.endpoint.setOutage('none');
    await moveOn(account.clock, MINUTE_MS);
    expect((await send(cold, alertAbout(99))).status).toBe(202);
  });

  test('ends without a herd: each instance asks once, and not all at once', async () => {
    const INSTANCES = 30;
    account.endpoint.setOutage({ status: 503 });
    const cold = Array.from({ length: INSTANCES }, (_, i) => startInstance(account, i));
    const ask = () =>
      Promise.all(cold.flatMap(({ deps }) => [1, 2, 3].map(() => deps.queue.depth().catch(() => null))));
    for (let minute = 0; minute < 10; minute += 1) {
      await ask();
      await moveOn(account.clock, MINUTE_MS);
    }
    await ask();
    account.endpoint.setOutage('none');
    const perStep: number[] = [];
    for (let step = 0; step < 12; step += 1) {
      const before = account.endpoint.requests();
      await moveOn(account.clock, 5_000);
      await ask();
      perStep.push(account.endpoint.requests() - before);
    }
    expect(perStep.reduce((sum, asked) => sum + asked, 0)).toBe(INSTANCES);
    expect(Math.max(...perStep)).toBeLessThanOrEqual(INSTANCES / 2);
    expect((await ask()).filter((depth) => depth === null)).toEqual([]);
  });

  test('is named as the first domino from an exported vault log, though the alert tells of refusals', async () => {
    const { files, truth } = playCorpus(corpusCase(61));
    const folder = folderForTest();
    for (const { path, lines } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), `${lines.join('\n')}\n`);
    }
    const payload = azureAlert({ firedAt: '2026-03-22T08:42:00.000Z' });
    const alert = join(folder, 'alert.json');
    const about = JSON.stringify(payload).replace(
      /"alertTargetIDs":\["[^"]+"\]/,
      `"alertTargetIDs":["${truth.resource.id}"]`,
    );
    writeFileSync(alert, about);
    const { code, out } = await run(['explain', alert, '--logs', join(folder, '**/*.json')], { HEADROOM_HOME: folder });
    expect(code).toBe(0);
    const [first] = out.split('\n');
    expect(first).toMatch(/: identity outage \((likely|confirmed)\)\. tokens failed first/i);
    expect(out).toMatch(/1\. identity outage: \w+ trigger/);
  });
});
